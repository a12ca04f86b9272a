// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "support/reference.h"

#include <algorithm>
#include <utility>

#include "arithmetic/fma32.h"
#include "arithmetic/sine.h"
#include "arithmetic/turn_sine.h"
#include "arithmetic/unfused.h"
#include "arithmetic/unit_norm.h"
#include "kernels/kernels.h"

namespace mcnc {

void accumulate(const ExpandedLayer& layer, std::span<const std::int32_t> x, std::uint64_t first,
                std::span<std::uint32_t> acc) {
  std::fill(acc.begin(), acc.end(), 0U);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::int8_t* row = layer.weights.data() + i * layer.width + first;
    for (std::size_t j = 0; j < acc.size(); ++j) {
      acc[j] += static_cast<std::uint32_t>(row[j]) * static_cast<std::uint32_t>(x[i]);
    }
  }
}

void generate(const ExpandedGenerator& generator, std::span<const std::int32_t> alpha, std::uint64_t first,
              std::span<std::int32_t> g) {
  std::vector<std::int32_t> x(alpha.begin(), alpha.end());
  std::vector<std::uint32_t> acc;
  for (std::size_t l = 0; l + 1 < generator.layers.size(); ++l) {
    const ExpandedLayer& layer = generator.layers[l];
    acc.resize(layer.width);
    accumulate(layer, x, 0, acc);
    x.clear();
    for (const std::uint32_t sum : acc) x.push_back(narrow_activation(sine(phase_of(layer.frequency, sum))));
  }
  const ExpandedLayer& last = generator.layers.back();
  acc.resize(g.size());
  accumulate(last, x, first, acc);
  for (std::size_t j = 0; j < g.size(); ++j) {
    g[j] = last.activation == Activation::kSine ? sine(phase_of(last.frequency, acc[j]))
                                                : static_cast<std::int32_t>(acc[j]);
  }
}

void add_scaled(float beta, std::span<const std::int32_t> g, std::span<float> w) { add_unfused(beta, g, w); }

ReferenceGenerator expand_float(const Generator& generator) {
  ReferenceGenerator expanded{.layers = {}, .unit_norm = generator.unit_norm};
  for (std::uint32_t l = 0; l < generator.layers.size(); ++l) {
    const Layer& layer = generator.layers[l];
    std::vector<float> weights(std::size_t{generator.n_in(l)} * layer.width);
    find_kernels("scalar")->draw_float(generator.seed, l, layer.weights_scale, weights.size(), weights.data());
    expanded.layers.push_back({generator.n_in(l), layer.width, layer.activation, layer.turns, std::move(weights), {}});
  }
  return expanded;
}

void accumulate(const ReferenceLayer& layer, std::span<const float> x, std::uint64_t first, std::span<float> acc) {
  std::ranges::fill(acc, 0.0F);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float* row = layer.weights.data() + i * layer.width + first;
    for (std::size_t j = 0; j < acc.size(); ++j) acc[j] = fma32(row[j], x[i], acc[j]);
  }
  if (layer.bias.empty()) return;
  for (std::size_t j = 0; j < acc.size(); ++j) acc[j] = acc[j] + layer.bias[static_cast<std::size_t>(first) + j];
}

void generate(const ReferenceGenerator& generator, std::span<const float> alpha, std::uint64_t first,
              std::span<float> g) {
  const auto activate = [](const ReferenceLayer& layer, std::span<float> values) {
    if (layer.activation == Activation::kIdentity) return;
    for (float& value : values) value = layer.turns * value;
    keep_in_memory(values.data());
    for (float& value : values) value = turn_sine(value);
  };
  std::vector<float> x(alpha.begin(), alpha.end());
  std::vector<float> acc;
  const ReferenceLayer& last = generator.layers.back();
  for (std::size_t l = 0; l + 1 < generator.layers.size(); ++l) {
    const ReferenceLayer& layer = generator.layers[l];
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
