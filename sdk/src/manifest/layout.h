// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The table of spec section "container", as constants.
#ifndef MCNC_MANIFEST_LAYOUT_H_
#define MCNC_MANIFEST_LAYOUT_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace mcnc::layout {

inline constexpr std::array<unsigned char, 8> kMagic = {0x8D, 'M', 'C', 'N', 'C', '\r', '\n', 0x1A};
inline constexpr std::uint16_t kVersionMajor = 1;
inline constexpr std::uint16_t kVersionMinor = 0;
inline constexpr std::uint32_t kKnownFeatures = 0;

// Byte offsets in the preamble.
inline constexpr std::size_t kMajor = 8;
inline constexpr std::size_t kMinor = 10;
inline constexpr std::size_t kFeatures = 12;
inline constexpr std::size_t kManifestLength = 16;
inline constexpr std::size_t kFileLength = 24;
inline constexpr std::size_t kFileDigest = 32;
inline constexpr std::size_t kPreambleSize = 64;

inline constexpr std::uint64_t kMaxManifestLength = std::uint64_t{16} << 20;
inline constexpr std::uint64_t kAlignment = 64;

// Where the next segment starts after something that ends at `end`. No overflow below 2^64 - 63.
constexpr std::uint64_t align_up(std::uint64_t end) noexcept {
  return (end + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace mcnc::layout

#endif  // MCNC_MANIFEST_LAYOUT_H_
