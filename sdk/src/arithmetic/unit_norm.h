// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The division of a chunk by its norm, for generators of unit norm (spec section "unit norm").
#ifndef MCNC_ARITHMETIC_UNIT_NORM_H_
#define MCNC_ARITHMETIC_UNIT_NORM_H_

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include "arithmetic/fma32.h"

namespace mcnc {

// g / |g|; g stays as it is where |g| is 0. The squares are added in an order that vectors can follow: sixteen partial
// sums, element j to sum j mod 16, which are then added pairwise: 8 apart, 4, 2, 1.
inline void normalize(std::span<float> g) noexcept {
  std::array<float, 16> sums{};
  for (std::size_t j = 0; j < g.size(); ++j) sums[j % 16] = fma32(g[j], g[j], sums[j % 16]);
  for (std::size_t step = 8; step > 0; step /= 2) {
    for (std::size_t l = 0; l < step; ++l) sums[l] = sums[l] + sums[l + step];
  }
  const float norm = std::sqrt(sums[0]);
  if (norm == 0) return;
  for (float& value : g) value = value / norm;
}

}  // namespace mcnc

#endif  // MCNC_ARITHMETIC_UNIT_NORM_H_
