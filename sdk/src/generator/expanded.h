// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A generator with its weights in memory.
#ifndef MCNC_GENERATOR_EXPANDED_H_
#define MCNC_GENERATOR_EXPANDED_H_

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "mcnc/manifest.h"
#include "mcnc/parallel.h"
#include "mcnc/status.h"

namespace mcnc {

struct ExpandedLayer {
  std::uint32_t n_in = 0;
  std::uint32_t width = 0;
  Activation activation = Activation::kSine;
  std::uint32_t frequency = 0;
  std::vector<std::int8_t> weights;  // (n_in, width), input-major
};

struct ExpandedGenerator {
  std::vector<ExpandedLayer> layers;

  std::uint32_t code_dim() const noexcept { return layers.front().n_in; }
  std::uint32_t chunk_dim() const noexcept { return layers.back().width; }
};

// `generator` with seeded layers drawn and stored layers taken from `stored`, one entry a layer, empty where seeded.
// The manifest's rules hold for it.
ExpandedGenerator expand(const Generator& generator, std::vector<std::vector<std::int8_t>> stored,
                         const Kernels& kernels = default_kernels());

// SHA-256 of the outputs for four probe codes (spec section "fingerprint"), made on the threads of `runner`.
Result<Digest> fingerprint(const ExpandedGenerator& generator, std::uint64_t seed, ParallelRunner& runner);

}  // namespace mcnc

#endif  // MCNC_GENERATOR_EXPANDED_H_
