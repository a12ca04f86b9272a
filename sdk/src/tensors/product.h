// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TENSORS_PRODUCT_H_
#define MCNC_TENSORS_PRODUCT_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace mcnc {

// w += scale * (B A) for the elements [first, first + w.size()) of the product (spec section "products"). b: (rows,
// rank); a: (rank, columns), its columns given by rank. The floating-point environment must be FpEnvironment's.
void add_product(std::span<const float> b, std::span<const float> a, std::size_t rank, float scale, std::uint64_t first,
                 std::span<float> w);

}  // namespace mcnc

#endif  // MCNC_TENSORS_PRODUCT_H_
