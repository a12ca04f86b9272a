// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/cost.h"

#include <algorithm>

#include "manifest/references.h"
#include "manifest/slices.h"

namespace mcnc {

Checked weight_count(const Generator& generator) noexcept {
  Checked count = 0;
  for (std::size_t l = 0; l < generator.layers.size(); ++l) {
    count += Checked(generator.n_in(l)) * generator.layers[l].width;
  }
  return count;
}

namespace {

// Weights of a layer that are drawn anew where there are more.
constexpr std::uint64_t kMostKept = std::uint64_t{1} << 24;

// Outputs as they are counted: in whole blocks of 64, which is how vector units like them.
Checked in_blocks(std::uint64_t outputs) noexcept { return (outputs + 63) / 64 * 64; }

Checked kept_weights(const Generator& generator, std::size_t l) noexcept {
  return in_blocks(generator.layers[l].width) * generator.n_in(l);
}

}  // namespace

bool is_drawn_anew(const Generator& generator, std::size_t l) noexcept {
  if (generator.arithmetic != Arithmetic::kFloat32) return false;
  if (l + 1 != generator.layers.size() || generator.layers[l].weights_segment) return false;
  const Checked weights = kept_weights(generator, l);
  return weights.overflowed() || weights.value() > kMostKept;
}

Checked generator_bytes(const Generator& generator) noexcept {
  Checked count = 0;
  for (std::size_t l = 0; l < generator.layers.size(); ++l) {
    count += is_drawn_anew(generator, l) ? Checked(kMostKept) : kept_weights(generator, l);
    if (generator.layers[l].bias_segment) count += in_blocks(generator.layers[l].width);
  }
  return generator.arithmetic == Arithmetic::kInteger ? count : count * sizeof(float);
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

namespace {

// Memory that making one tensor takes beside what all tensors share: its stored bytes or theta0, the outputs of a code
// on its way through the layers, and the factors of a product with what each of them takes.
Checked scratch_of(const Manifest& manifest, const Tensor& tensor) noexcept {
  if (std::holds_alternative<Stored>(tensor.source)) return tensor.bytes();
  if (std::holds_alternative<Shared>(tensor.source)) return 0;  // what its target takes counts already
  Checked bytes = 0;
  if (const auto* theta0 = std::get_if<StoredTheta0>(theta0_of(tensor))) {
    bytes += Checked(tensor.elements()) * size_of(theta0->dtype);
  }
  if (const auto* generated = std::get_if<Generated>(&tensor.source)) {
    const Generator& generator = manifest.generators[manifest.codes[generated->codes].generator];
    for (const Layer& layer : generator.layers) bytes += in_blocks(layer.width) * sizeof(float);
  } else {
    const auto& product = std::get<Product>(tensor.source);
    for (const std::uint32_t index : {product.b, product.a}) {
      const Tensor& factor = manifest.tensors[index];
      bytes += scratch_of(manifest, factor) + Checked(factor.elements()) * sizeof(float);
    }
  }
  return bytes;
}

// What all tensors share: generators, and the segments that they and the codes are read from.
Checked shared_scratch(const Manifest& manifest) noexcept {
  Checked bytes = 0;
  for (const Generator& generator : manifest.generators) bytes += generator_bytes(generator);
  each_shared_reference(manifest, [&](std::uint32_t, std::uint64_t size) { bytes += size; });
  return bytes;
}

}  // namespace

std::optional<Cost> cost_of(const Manifest& manifest) noexcept {
  Checked output = 0;
  Checked multiply_adds = 0;
  std::uint64_t most = 0;
  for (const Tensor& tensor : manifest.tensors) {
    if (!tensor.factor) output += tensor.bytes();
    multiply_adds += multiply_adds_of(manifest, tensor);
    const Checked own = scratch_of(manifest, tensor);
    if (own.overflowed()) return std::nullopt;
    most = std::max(most, own.value());
  }
  const Checked scratch = shared_scratch(manifest) + most;
  if (output.overflowed() || multiply_adds.overflowed() || scratch.overflowed()) return std::nullopt;
  return Cost{output.value(), multiply_adds.value(), scratch.value()};
}

}  // namespace mcnc
