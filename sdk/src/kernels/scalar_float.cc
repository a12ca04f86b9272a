// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/scalar_float.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "arithmetic/fma32.h"
#include "arithmetic/turn_sine.h"
#include "arithmetic/unfused.h"

namespace mcnc::scalar {
namespace {

float fused(float a, float b, float c) noexcept {
#ifdef FP_FAST_FMAF
  return std::fma(a, b, c);  // one instruction, and the same numbers
#else
  return fma32(a, b, c);
#endif
}

}  // namespace

// (n_in, width) as it comes, then the bias.
std::size_t float_packed_size(const PackedFloatLayer& layer) {
  return (std::size_t{layer.n_in} + (layer.has_bias ? 1 : 0)) * layer.width;
}

void pack_float(const PackedFloatLayer& layer, const float* weights, const float* bias, float* packed) {
  packed = std::copy_n(weights, std::size_t{layer.n_in} * layer.width, packed);
  if (layer.has_bias) std::copy_n(bias, layer.width, packed);
}

void float_layer(const PackedFloatLayer& layer, Rows<const float> x, std::size_t first, std::size_t n, float* y,
                 std::size_t y_stride) {
  const float* bias = layer.packed + std::size_t{layer.n_in} * layer.width;
  for (std::size_t row = 0; row < x.count; ++row) {
    float* out = y + row * y_stride;
    for (std::size_t j = 0; j < n; j += kBlock) {
      const std::size_t columns = std::min(kBlock, n - j);
      std::array<float, kBlock> acc{};
      for (std::size_t i = 0; i < layer.n_in; ++i) {
        const float factor = x[row][i];
        const float* weights = layer.packed + i * layer.width + first + j;
        for (std::size_t c = 0; c < columns; ++c) acc[c] = fused(weights[c], factor, acc[c]);
      }
      if (layer.has_bias) {
        for (std::size_t c = 0; c < columns; ++c) acc[c] = acc[c] + bias[first + j + c];
      }
      if (layer.sine) {
        // In two passes: turn_sine adds to what it is given.
        for (std::size_t c = 0; c < columns; ++c) acc[c] = layer.turns * acc[c];
        keep_in_memory(acc.data());
        for (std::size_t c = 0; c < columns; ++c) acc[c] = turn_sine(acc[c]);
      }
      std::copy_n(acc.data(), columns, out + j);
    }
  }
}

void add_scaled(Rows<const float> g, std::size_t n, const Accumulate& how, float* w, std::size_t w_stride) {
  for (std::size_t row = 0; row < g.count; ++row) {
    const std::span<float> sums(w + row * w_stride, n);
    if (how.from_constant) std::ranges::fill(sums, how.constant);
    add_unfused(how.beta[row], std::span<const float>(g[row], n), sums);
  }
}

}  // namespace mcnc::scalar
