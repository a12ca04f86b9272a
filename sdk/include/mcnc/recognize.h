// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What a file is that is not a model: people give a pointer that Git LFS left, a page that a failed download left, or a
// model in another format, and should be told which. Part of the library mcnc-checkpoints; all functions are
// thread-safe.
#ifndef MCNC_RECOGNIZE_H_
#define MCNC_RECOGNIZE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mcnc/input.h"
#include "mcnc/status.h"

namespace mcnc {

// What somebody wanted to open.
enum class Wanted { kMcnc, kSafetensors };

constexpr std::size_t kRecognizedBytes = 512;

// The first bytes of `input`, at most kRecognizedBytes. None where they cannot be read.
std::vector<std::byte> first_bytes(Input& input) noexcept;

// Whether a file that begins with these bytes is a .mcnc file, or a safetensors file, as far as they can show.
bool is_mcnc(std::span<const std::byte> head) noexcept;
bool is_safetensors(std::span<const std::byte> head) noexcept;

// What a file with these first bytes is, and what to do about it, as the end of a sentence: "a Git LFS pointer, not the
// file itself: run git lfs pull". Empty where nothing is recognized or it is what was wanted.
std::string recognize(std::span<const std::byte> head, Wanted wanted);

// `status`, which says why a file with these first bytes is not what was wanted, with what it is instead. A status that
// is about something else stays as it is.
Status explain(const Status& status, std::span<const std::byte> head, Wanted wanted);
Status explain(const Status& status, Input& input, Wanted wanted);

}  // namespace mcnc

#endif  // MCNC_RECOGNIZE_H_
