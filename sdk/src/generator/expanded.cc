// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "generator/expanded.h"

#include <algorithm>
#include <array>
#include <utility>

#include "arithmetic/philox.h"
#include "generator/probes.h"
#include "generator/reference.h"
#include "util/checked_math.h"
#include "util/run_pieces.h"

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

Result<Digest> fingerprint(const ExpandedGenerator& generator, std::uint64_t seed, ParallelRunner& runner) {
  std::array<std::vector<std::int32_t>, kProbes> inputs;  // of the last layer
  for (std::uint32_t t = 0; t < kProbes; ++t) {
    std::vector<std::int32_t> alpha(generator.code_dim());
    integer_probe(seed, t, alpha);
    inputs[t] = last_inputs(generator, alpha);
  }

  // The outputs of a window of columns are made side by side.
  constexpr std::size_t kColumns = 4096;  // of a piece
  const std::size_t most = 2 * runner.threads() * kColumns;
  std::vector<std::uint32_t> y(kProbes * std::min<std::size_t>(most, generator.chunk_dim()));
  ProbeHash hash;
  for (std::size_t first = 0; first < generator.chunk_dim(); first += most) {
    const std::size_t n = std::min(most, generator.chunk_dim() - first);
    const Status status = run_pieces(runner, (n + kColumns - 1) / kColumns, [&](std::size_t piece) -> Status {
      const std::size_t from = piece * kColumns;
      for (std::uint32_t t = 0; t < kProbes; ++t) {
        last_outputs(generator, inputs[t], first + from,
                     std::span(y).subspan(t * n + from, std::min(kColumns, n - from)));
      }
      return {};
    });
    if (!status.ok()) return status;
    hash.update(n, [&](std::uint32_t t, std::size_t j) { return y[t * n + j]; });
  }
  return hash.finish();
}

}  // namespace mcnc
