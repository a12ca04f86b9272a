// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "manifest/cost.h"

namespace mcnc {

Checked weight_count(const Generator& generator) noexcept {
  Checked count = 0;
  for (std::size_t l = 0; l < generator.layers.size(); ++l) {
    count += Checked(generator.n_in(l)) * generator.layers[l].width;
  }
  return count;
}

Checked generator_bytes(const Generator& generator) noexcept {
  if (generator.arithmetic == Arithmetic::kInteger) return weight_count(generator);
  Checked count = weight_count(generator);
  for (const Layer& layer : generator.layers) {
    if (layer.bias_segment) count += layer.width;
  }
  return count * sizeof(float);
}

std::optional<Cost> cost_of(const Manifest& manifest) noexcept {
  Checked output = 0;
  Checked multiply_adds = 0;
  Checked scratch = 0;
  for (const Tensor& tensor : manifest.tensors) {
    (tensor.factor ? scratch : output) += tensor.bytes();
    if (const auto* product = std::get_if<Product>(&tensor.source)) {
      multiply_adds += Checked(tensor.elements()) * manifest.tensors[product->a].shape.front();
    }
  }
  for (const Codes& codes : manifest.codes) {
    multiply_adds +=
        Checked(codes.chunks) * codes.codes_per_chunk * weight_count(manifest.generators[codes.generator]);
  }
  for (const Generator& generator : manifest.generators) scratch += generator_bytes(generator);
  for (const Segment& segment : manifest.segments) scratch += segment.decoded_length;
  if (output.overflowed() || multiply_adds.overflowed() || scratch.overflowed()) return std::nullopt;
  return Cost{output.value(), multiply_adds.value(), scratch.value()};
}

}  // namespace mcnc
