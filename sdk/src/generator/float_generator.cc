// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "generator/float_generator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "arithmetic/fma32.h"
#include "arithmetic/philox.h"
#include "arithmetic/turn_sine.h"
#include "arithmetic/unfused.h"
#include "util/checked_math.h"

namespace mcnc {
// Sixteen partial sums of squares, element j to sum j mod 16, then added pairwise: 8 apart, 4, 2, 1.
void normalize(std::span<float> g) {
  std::array<float, 16> sums{};
  for (std::size_t j = 0; j < g.size(); ++j) sums[j % 16] = fma32(g[j], g[j], sums[j % 16]);
  for (std::size_t step = 8; step > 0; step /= 2) {
    for (std::size_t l = 0; l < step; ++l) sums[l] = sums[l] + sums[l + step];
  }
  const float norm = std::sqrt(sums[0]);
  if (norm == 0) return;
  for (float& value : g) value = value / norm;
}

FloatGenerator expand_float(const Generator& generator, std::vector<StoredLayer> stored, const Kernels& kernels) {
  FloatGenerator expanded;
  expanded.unit_norm = generator.unit_norm;
  for (std::uint32_t l = 0; l < generator.layers.size(); ++l) {
    const Layer& layer = generator.layers[l];
    const std::uint32_t n_in = generator.n_in(l);
    std::vector<float> weights;
    if (layer.weights_segment) {
      weights = std::move(stored[l].weights);
    } else {
      weights.resize(to_size(std::uint64_t{n_in} * layer.width));
      kernels.draw_float(generator.seed, l, layer.weights_scale, weights.size(), weights.data());
    }
    expanded.layers.push_back(
        {n_in, layer.width, layer.activation, layer.turns, std::move(weights), std::move(stored[l].bias)});
  }
  return expanded;
}

void accumulate(const FloatLayer& layer, std::span<const float> x, std::uint64_t first, std::span<float> acc) {
  std::ranges::fill(acc, 0.0F);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float* row = layer.weights.data() + i * layer.width + first;
    for (std::size_t j = 0; j < acc.size(); ++j) acc[j] = fma32(row[j], x[i], acc[j]);
  }
  if (layer.bias.empty()) return;
  for (std::size_t j = 0; j < acc.size(); ++j) acc[j] = acc[j] + layer.bias[static_cast<std::size_t>(first) + j];
}

void generate(const FloatGenerator& generator, std::span<const float> alpha, std::uint64_t first, std::span<float> g) {
  const auto activate = [](const FloatLayer& layer, std::span<float> values) {
    if (layer.activation == Activation::kIdentity) return;
    for (float& value : values) value = layer.turns * value;
    keep_in_memory(values.data());
    for (float& value : values) value = turn_sine(value);
  };
  std::vector<float> x(alpha.begin(), alpha.end());
  std::vector<float> acc;
  const FloatLayer& last = generator.layers.back();
  for (std::size_t l = 0; l + 1 < generator.layers.size(); ++l) {
    const FloatLayer& layer = generator.layers[l];
    acc.resize(layer.width);
    accumulate(layer, x, 0, acc);
    activate(layer, acc);
    std::swap(x, acc);
  }
  if (!generator.unit_norm) {
    accumulate(last, x, first, g);
    activate(last, g);
    return;
  }
  acc.resize(last.width);  // the norm is that of the whole chunk
  accumulate(last, x, 0, acc);
  activate(last, acc);
  normalize(acc);
  std::copy_n(acc.begin() + static_cast<std::ptrdiff_t>(first), g.size(), g.begin());
}

void add_scaled(float beta, std::span<const float> g, std::span<float> w) { add_unfused(beta, g, w); }

}  // namespace mcnc
