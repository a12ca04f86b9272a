// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_MANIFEST_REFERENCES_H_
#define MCNC_MANIFEST_REFERENCES_H_

#include <cstdint>

#include "mcnc/manifest.h"

namespace mcnc {

// Calls visit(segment index, bytes its user needs) for every reference to a segment that tensors have in common, in
// manifest order: the weights of generators, alpha and beta of codes. The index is a reference into `manifest`,
// constant where the manifest is. All other indices and sizes must be valid.
template <typename M, typename Visit>
void each_shared_reference(M& manifest, Visit visit) {
  for (auto& generator : manifest.generators) {
    for (std::size_t l = 0; l < generator.layers.size(); ++l) {
      auto& layer = generator.layers[l];
      const std::uint64_t size = generator.arithmetic == Arithmetic::kInteger ? 1 : size_of(layer.weights_type);
      if (layer.weights_segment) visit(*layer.weights_segment, size * generator.n_in(l) * layer.width);
      if (layer.bias_segment) visit(*layer.bias_segment, std::uint64_t{layer.width} * sizeof(float));
    }
  }
  for (auto& codes : manifest.codes) {
    const std::uint64_t count = codes.chunks * codes.codes_per_chunk;
    visit(codes.alpha_segment, count * manifest.generators[codes.generator].code_dim * size_of(codes.alpha_type));
    if (codes.beta_segment) visit(*codes.beta_segment, count * size_of(codes.beta_type));
  }
}

// The same for every reference: those, then stored tensors and stored theta0.
template <typename M, typename Visit>
void each_reference(M& manifest, Visit visit) {
  each_shared_reference(manifest, visit);
  for (auto& tensor : manifest.tensors) {
    if (auto* stored = std::get_if<Stored>(&tensor.source)) visit(stored->segment, tensor.bytes());
    auto* start = theta0_of(tensor);
    auto* theta0 = start != nullptr ? std::get_if<StoredTheta0>(start) : nullptr;
    if (theta0 != nullptr) visit(theta0->segment, tensor.elements() * size_of(theta0->dtype));
  }
}

}  // namespace mcnc

#endif  // MCNC_MANIFEST_REFERENCES_H_
