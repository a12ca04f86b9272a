// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_ARITHMETIC_UNFUSED_H_
#define MCNC_ARITHMETIC_UNFUSED_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace mcnc {

// Numbers that have been in memory are rounded: between the pass that computes products and the one that adds them up.
// Of one pass, compilers that are told to contract (-ffp-contract=fast, the default of some) make fused multiply-adds,
// and of two as well where they see that the memory is not needed. They cannot see through this.
inline void keep_in_memory(const float* values) noexcept { asm volatile("" : : "r"(values) : "memory"); }

// w += scale * float(g); conversion, product and sum each rounded once. Sizes equal.
template <typename Number>
void add_unfused(float scale, std::span<const Number> g, std::span<float> w) {
  std::array<float, 256> product;
  for (std::size_t first = 0; first < g.size(); first += product.size()) {
    const std::size_t n = std::min(product.size(), g.size() - first);
    for (std::size_t j = 0; j < n; ++j) product[j] = scale * static_cast<float>(g[first + j]);
    keep_in_memory(product.data());
    for (std::size_t j = 0; j < n; ++j) w[first + j] = w[first + j] + product[j];
  }
}

}  // namespace mcnc

#endif  // MCNC_ARITHMETIC_UNFUSED_H_
