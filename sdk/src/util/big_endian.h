// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// SHA-256 is the only thing here that keeps numbers with the most significant byte first.
#ifndef MCNC_UTIL_BIG_ENDIAN_H_
#define MCNC_UTIL_BIG_ENDIAN_H_

#include <concepts>
#include <cstddef>

namespace mcnc {

// Writes sizeof(T) bytes, at any alignment.
template <std::unsigned_integral T>
constexpr void store_be(std::byte* bytes, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[i] = static_cast<std::byte>(static_cast<unsigned char>(value >> (8 * (sizeof(T) - 1 - i))));
  }
}

}  // namespace mcnc

#endif  // MCNC_UTIL_BIG_ENDIAN_H_
