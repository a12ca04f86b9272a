// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The integer arithmetic without vectors: its definition (spec section "integer arithmetic"), which every other target
// is compared with. Packed weights: (blocks, n_in, kBlock) int8, zeros past the width.
#ifndef MCNC_KERNELS_SCALAR_INTEGER_H_
#define MCNC_KERNELS_SCALAR_INTEGER_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/kernels.h"

namespace mcnc::scalar {

using BlockSums = std::array<std::uint32_t, kBlock>;

// The accumulators of one block of outputs for one row of inputs: sum over i of weight * input, mod 2^32.
BlockSums integer_sums(const IntegerLayer& layer, std::size_t block, const std::byte* x);

// The entries of Kernels of the same names.
std::size_t integer_packed_size(const IntegerLayer& layer);
void pack_integer(const IntegerLayer& layer, const std::int8_t* weights, std::byte* packed);
void integer_hidden(const IntegerLayer& layer, Rows<const std::byte> x, Rows<std::byte> h);
void integer_expand(const IntegerLayer& layer, Rows<const std::byte> x, std::size_t first, std::size_t n,
                    const Accumulate& how, float* w, std::size_t w_stride);
void integer_slopes(const IntegerLayer& layer, Rows<const std::byte> x, float scale, Rows<float> slopes);

}  // namespace mcnc::scalar

#endif  // MCNC_KERNELS_SCALAR_INTEGER_H_
