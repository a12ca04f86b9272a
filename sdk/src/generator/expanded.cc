// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "generator/expanded.h"

#include <utility>

#include "arithmetic/philox.h"
#include "base/checked_math.h"
#include "base/little_endian.h"
#include "base/sha256.h"
#include "generator/reference.h"

namespace mcnc {
namespace {

constexpr std::uint32_t kProbes = 4;

}  // namespace

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

Digest fingerprint(const ExpandedGenerator& generator, std::uint64_t seed) {
  Sha256 hash;
  for (const ExpandedLayer& layer : generator.layers) {
    hash.update(std::as_bytes(std::span(layer.weights)));
  }
  const RandomStream stream(seed, Domain::kProbe, 0);
  const std::uint32_t k = generator.code_dim();
  std::vector<std::int32_t> alpha(k);
  std::vector<std::int32_t> g(generator.chunk_dim());
  std::vector<std::byte> bytes(g.size() * 4);
  for (std::uint32_t t = 0; t < kProbes; ++t) {
    for (std::uint32_t i = 0; i < k; ++i) {
      alpha[i] = stream.odd_int8(std::uint64_t{t} * k + i);
    }
    generate(generator, alpha, 0, g);
    for (std::size_t j = 0; j < g.size(); ++j) {
      store_le(bytes.data() + 4 * j, static_cast<std::uint32_t>(g[j]));
    }
    hash.update(bytes);
  }
  return hash.finish();
}

}  // namespace mcnc
