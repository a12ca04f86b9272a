// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The float32 arithmetic of kernels.h without vectors.
#ifndef MCNC_KERNELS_SCALAR_FLOAT_H_
#define MCNC_KERNELS_SCALAR_FLOAT_H_

#include <cstddef>

#include "kernels/kernels.h"

namespace mcnc::scalar {

std::size_t float_packed_size(const PackedFloatLayer& layer);
void pack_float(const PackedFloatLayer& layer, const float* weights, const float* bias, float* packed);
void float_layer(const PackedFloatLayer& layer, Rows<const float> x, std::size_t first, std::size_t n, float* y,
                 std::size_t y_stride);
void add_scaled(Rows<const float> g, std::size_t n, const Accumulate& how, float* w, std::size_t w_stride);

}  // namespace mcnc::scalar

#endif  // MCNC_KERNELS_SCALAR_FLOAT_H_
