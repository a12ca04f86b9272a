// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The float32 arithmetic without vectors: its definition (spec section "float32 arithmetic"), which every other target
// is compared with. Packed weights: (n_in, width), unless they are drawn; then the bias, (width).
#ifndef MCNC_KERNELS_SCALAR_FLOAT_H_
#define MCNC_KERNELS_SCALAR_FLOAT_H_

#include <cstddef>

#include "kernels/kernels.h"

namespace mcnc::scalar {

std::size_t float_packed_size(const FloatLayer& layer);
void pack_float(const FloatLayer& layer, const float* weights, const float* bias, float* packed);
void float_layer(const FloatLayer& layer, Rows<const float> x, std::size_t first, std::size_t n, float* y,
                 std::size_t y_stride);
void add_scaled(Rows<const float> g, std::size_t n, const Accumulate& how, float* w, std::size_t w_stride);

}  // namespace mcnc::scalar

#endif  // MCNC_KERNELS_SCALAR_FLOAT_H_
