// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_GENERATOR_UNFUSED_H_
#define MCNC_GENERATOR_UNFUSED_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace mcnc {

// w += scale * float(g); conversion, product and sum each rounded once. Sizes equal. In two passes: a product that has
// been in memory is rounded. Of one expression, or of two by way of a variable, compilers that are told to contract
// (-ffp-contract=fast, the default of some) make a fused multiply-add.
template <typename Number>
void add_unfused(float scale, std::span<const Number> g, std::span<float> w) {
  std::array<float, 256> product;
  for (std::size_t first = 0; first < g.size(); first += product.size()) {
    const std::size_t n = std::min(product.size(), g.size() - first);
    for (std::size_t j = 0; j < n; ++j) product[j] = scale * static_cast<float>(g[first + j]);
    for (std::size_t j = 0; j < n; ++j) w[first + j] = w[first + j] + product[j];
  }
}

}  // namespace mcnc

#endif  // MCNC_GENERATOR_UNFUSED_H_
