// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The first 64 bytes of a file.
#ifndef MCNC_CONTAINER_PREAMBLE_H_
#define MCNC_CONTAINER_PREAMBLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "manifest/layout.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

struct Preamble {
  std::uint16_t minor = 0;
  std::uint64_t manifest_length = 0;
  std::uint64_t file_length = 0;  // at least 64 + manifest_length
  Digest file_digest{};
};

// `bytes`: the first 64 bytes of the file, or all of them where it has fewer.
Result<Preamble> parse_preamble(std::span<const std::byte> bytes);

// The preamble of a file with this manifest, its digest included.
std::array<std::byte, layout::kPreambleSize> build_preamble(std::span<const std::byte> manifest,
                                                            std::uint64_t file_length);

// SHA-256 of preamble bytes 0 to 31 followed by the manifest.
Digest file_digest(std::span<const std::byte> preamble, std::span<const std::byte> manifest);

}  // namespace mcnc

#endif  // MCNC_CONTAINER_PREAMBLE_H_
