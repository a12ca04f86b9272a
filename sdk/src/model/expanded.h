// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A generator of integer arithmetic with its weights in memory, before they are packed for a target: drawn from the
// seed, or as the file keeps them.
#ifndef MCNC_MODEL_EXPANDED_H_
#define MCNC_MODEL_EXPANDED_H_

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "mcnc/manifest.h"

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

}  // namespace mcnc

#endif  // MCNC_MODEL_EXPANDED_H_
