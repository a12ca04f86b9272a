// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "generator/reference.h"

#include <algorithm>

#include "generator/sine.h"
#include "generator/unfused.h"

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

std::vector<std::int32_t> last_inputs(const ExpandedGenerator& generator, std::span<const std::int32_t> alpha) {
  std::vector<std::int32_t> x(alpha.begin(), alpha.end());
  std::vector<std::uint32_t> acc;
  for (std::size_t l = 0; l + 1 < generator.layers.size(); ++l) {
    const ExpandedLayer& layer = generator.layers[l];
    acc.resize(layer.width);
    accumulate(layer, x, 0, acc);
    x.resize(layer.width);
    for (std::size_t j = 0; j < acc.size(); ++j) {
      x[j] = narrow_activation(sine(phase_of(layer.frequency, acc[j])));
    }
  }
  return x;
}

void last_outputs(const ExpandedGenerator& generator, std::span<const std::int32_t> x, std::uint64_t first,
                  std::span<std::uint32_t> g) {
  const ExpandedLayer& layer = generator.layers.back();
  accumulate(layer, x, first, g);
  if (layer.activation == Activation::kIdentity) return;
  for (std::uint32_t& value : g)
    value = static_cast<std::uint32_t>(std::int32_t{sine(phase_of(layer.frequency, value))});
}

void generate(const ExpandedGenerator& generator, std::span<const std::int32_t> alpha, std::uint64_t first,
              std::span<std::int32_t> g) {
  std::vector<std::uint32_t> words(g.size());
  last_outputs(generator, last_inputs(generator, alpha), first, words);
  std::ranges::transform(words, g.begin(), [](std::uint32_t word) { return static_cast<std::int32_t>(word); });
}

void add_scaled(float beta, std::span<const std::int32_t> g, std::span<float> w) { add_unfused(beta, g, w); }

}  // namespace mcnc
