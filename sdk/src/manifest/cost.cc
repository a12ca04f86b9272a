// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "manifest/cost.h"

#include "manifest/slices.h"

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

Checked multiply_adds_of(const Manifest& manifest, const Tensor& tensor) noexcept {
  if (const auto* generated = std::get_if<Generated>(&tensor.source)) {
    const Codes& codes = manifest.codes[generated->codes];
    const Generator& generator = manifest.generators[codes.generator];
    const std::uint64_t d = generator.chunk_dim();
    const std::uint64_t last = generated->first_element + slices_of(tensor, *generated, d).extent() - 1;
    return Checked(last / d - generated->first_element / d + 1) * codes.codes_per_chunk * weight_count(generator);
  }
  if (const auto* shared = std::get_if<Shared>(&tensor.source)) {
    return multiply_adds_of(manifest, manifest.tensors[shared->tensor]);
  }
  if (const auto* product = std::get_if<Product>(&tensor.source)) {
    const Tensor& b = manifest.tensors[product->b];
    const Tensor& a = manifest.tensors[product->a];
    return Checked(tensor.elements()) * a.shape.front() + multiply_adds_of(manifest, b) + multiply_adds_of(manifest, a);
  }
  return 0;
}

std::optional<Cost> cost_of(const Manifest& manifest) noexcept {
  Checked output = 0;
  Checked multiply_adds = 0;
  Checked scratch = 0;
  for (const Tensor& tensor : manifest.tensors) {
    (tensor.factor ? scratch : output) += tensor.bytes();
    multiply_adds += multiply_adds_of(manifest, tensor);
  }
  for (const Generator& generator : manifest.generators) scratch += generator_bytes(generator);
  for (const Segment& segment : manifest.segments) scratch += segment.decoded_length;
  if (output.overflowed() || multiply_adds.overflowed() || scratch.overflowed()) return std::nullopt;
  return Cost{output.value(), multiply_adds.value(), scratch.value()};
}

}  // namespace mcnc
