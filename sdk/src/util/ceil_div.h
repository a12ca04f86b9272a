// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Whole-number division that rounds up.
#ifndef MCNC_UTIL_CEIL_DIV_H_
#define MCNC_UTIL_CEIL_DIV_H_

#include <concepts>
#include <type_traits>

namespace mcnc {

// How many parts of `size` cover `total`. size > 0; total + size - 1 must not wrap.
template <std::unsigned_integral Number>
constexpr Number ceil_div(Number total, std::type_identity_t<Number> size) noexcept {
  return static_cast<Number>((total + size - 1) / size);
}

// The multiple of `size` that is next to `total` from above, or `total` where it is one.
template <std::unsigned_integral Number>
constexpr Number round_up(Number total, std::type_identity_t<Number> size) noexcept {
  return static_cast<Number>(ceil_div(total, size) * size);
}

}  // namespace mcnc

#endif  // MCNC_UTIL_CEIL_DIV_H_
