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
#include "kernels/scalar_draw.h"

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

// (n_in, width) as it comes, unless it is drawn; then the bias.
std::size_t float_packed_size(const FloatLayer& layer) {
  return ((layer.is_drawn ? 0 : layer.n_in) + (layer.has_bias ? 1 : 0)) * layer.width;
}

void pack_float(const FloatLayer& layer, const float* weights, const float* bias, float* packed) {
  if (!layer.is_drawn) packed = std::copy_n(weights, layer.n_in * layer.width, packed);
  if (layer.has_bias) std::copy_n(bias, layer.width, packed);
}

void float_layer(const FloatLayer& layer, Rows<const float> x, std::size_t first, std::size_t n, float* y,
                 std::size_t y_stride) {
  const float* bias = layer.packed + (layer.is_drawn ? 0 : layer.n_in * layer.width);
  std::array<float, kBlock> drawn;
  for (std::size_t j = 0; j < n; j += kBlock) {
    const std::size_t columns = std::min(kBlock, n - j);
    for (std::size_t row = 0; row < x.count; ++row) std::fill_n(y + row * y_stride + j, columns, 0.0F);
    for (std::size_t i = 0; i < layer.n_in; ++i) {
      const std::uint64_t at = std::uint64_t{i} * layer.width + first + j;
      const float* weights = drawn.data();
      if (layer.is_drawn) {
        draw_uniform(layer.drawn, at, columns, drawn.data());
      } else {
        weights = layer.packed + at;
      }
      for (std::size_t row = 0; row < x.count; ++row) {
        const float factor = x[row][i];
        float* acc = y + row * y_stride + j;
        for (std::size_t c = 0; c < columns; ++c) acc[c] = fused(weights[c], factor, acc[c]);
      }
    }
    for (std::size_t row = 0; row < x.count; ++row) {
      float* out = y + row * y_stride + j;
      if (layer.has_bias) {
        for (std::size_t c = 0; c < columns; ++c) out[c] = out[c] + bias[first + j + c];
      }
      switch (layer.activation) {
        case Activation::kSine:
          // In two passes: turn_sine adds to what it is given.
          for (std::size_t c = 0; c < columns; ++c) out[c] = layer.turns * out[c];
          keep_in_memory(out);
          for (std::size_t c = 0; c < columns; ++c) out[c] = turn_sine(out[c]);
          break;
        case Activation::kIdentity:
          break;
      }
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
