// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The random numbers of kernels.h without vectors.
#ifndef MCNC_KERNELS_SCALAR_DRAW_H_
#define MCNC_KERNELS_SCALAR_DRAW_H_

#include <cstddef>
#include <cstdint>

#include "kernels/kernels.h"

namespace mcnc::scalar {

void draw_int8(std::uint64_t seed, std::uint32_t stream, std::size_t n, std::int8_t* out);
void draw_float(std::uint64_t seed, std::uint32_t stream, float scale, std::size_t n, float* out);
// Numbers [first, first + n) of the weights of a drawn layer.
void draw_uniform(const DrawnWeights& weights, std::uint64_t first, std::size_t n, float* out);
void draw_theta0(std::uint64_t seed, std::uint32_t stream, float scale, std::uint64_t first, std::size_t n, float* out);

}  // namespace mcnc::scalar

#endif  // MCNC_KERNELS_SCALAR_DRAW_H_
