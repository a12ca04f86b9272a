// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_UTIL_POWER_OF_TWO_H_
#define MCNC_UTIL_POWER_OF_TWO_H_

#include <bit>
#include <cstdint>

namespace mcnc {

// 2^exponent, exact. exponent: -126 to 127.
constexpr float power_of_two(int exponent) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(exponent + 127) << 23);
}

}  // namespace mcnc

#endif  // MCNC_UTIL_POWER_OF_TWO_H_
