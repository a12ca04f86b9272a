// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Small models that tests write, read and break.
#ifndef MCNC_TESTS_SUPPORT_MODELS_H_
#define MCNC_TESTS_SUPPORT_MODELS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "mcnc/decoder.h"
#include "mcnc/reader.h"
#include "mcnc/writer.h"

namespace mcnc::testing {

// Everything the format has, small: two generators (one sine layer; two layers, the first stored, the last linear),
// flat and per-tensor chunking with an ignored tail, m = 1 and 3, int8 and int16 alpha, beta as f32, f16, bf16 and
// none, all forms of theta0, f32, f16 and bf16, a stored tensor, a scalar, an empty one, a shared one, metadata of
// every type.
Model rich_model();

// One generator, one tensor.
Model plain_model();

// serialize(), which must succeed.
std::vector<std::byte> file_of(Model model);

// Opens `file` with default limits.
Result<Reader> open(std::span<const std::byte> file);

// Opens and verifies.
Status verify(std::span<const std::byte> file);

// All bytes of tensor `name`.
std::vector<std::byte> decode(std::span<const std::byte> file, const std::string& name);

}  // namespace mcnc::testing

#endif  // MCNC_TESTS_SUPPORT_MODELS_H_
