// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "model/expanded.h"

#include <utility>

#include "mcnc/checked_math.h"

namespace mcnc {

ExpandedGenerator expand(const Generator& generator, std::vector<std::vector<std::int8_t>> stored,
                         const Kernels& kernels) {
  ExpandedGenerator expanded;
  for (std::uint32_t l = 0; l < generator.layers.size(); ++l) {
    const Layer& layer = generator.layers[l];
    const std::uint32_t n_in = generator.n_in(l);
    std::vector<std::int8_t> weights;
    if (layer.weights_segment) {
      weights = std::move(stored[l]);
    } else {
      weights.resize(to_size(std::uint64_t{n_in} * layer.width));
      kernels.draw_int8(generator.seed, l, weights.size(), weights.data());
    }
    expanded.layers.push_back({n_in, layer.width, layer.activation, layer.frequency, std::move(weights)});
  }
  return expanded;
}

}  // namespace mcnc
