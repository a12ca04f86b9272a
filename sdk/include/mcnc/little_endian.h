// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Bytes to numbers and back on any host. Everything in a .mcnc file, and every tensor that the library hands out as
// bytes, is little-endian. `bytes` holds at least sizeof(T) bytes, at any alignment.
#ifndef MCNC_LITTLE_ENDIAN_H_
#define MCNC_LITTLE_ENDIAN_H_

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace mcnc {

template <std::unsigned_integral T>
constexpr T load_le(const std::byte* bytes) noexcept {
  T value = 0;
  if (std::endian::native == std::endian::little && !std::is_constant_evaluated()) {
    std::memcpy(&value, bytes, sizeof value);  // one instruction, which not every compiler makes of the loop
    return value;
  }
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value | static_cast<T>(static_cast<T>(bytes[i]) << (8 * i)));
  }
  return value;
}

template <std::unsigned_integral T>
constexpr void store_le(std::byte* bytes, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[i] = static_cast<std::byte>(static_cast<unsigned char>(value >> (8 * i)));
  }
}

}  // namespace mcnc

#endif  // MCNC_LITTLE_ENDIAN_H_
