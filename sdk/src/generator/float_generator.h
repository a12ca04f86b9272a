// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The float32 arithmetic (spec section "float32 arithmetic"): for generators that were trained or published in floats.
// Ordered IEEE 754 operations, so that it too gives the same bits everywhere.
#ifndef MCNC_GENERATOR_FLOAT_GENERATOR_H_
#define MCNC_GENERATOR_FLOAT_GENERATOR_H_

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "mcnc/manifest.h"

namespace mcnc {

struct FloatLayer {
  std::uint32_t n_in = 0;
  std::uint32_t width = 0;
  Activation activation = Activation::kSine;
  float turns = 0;             // of the phase per unit of the accumulator
  std::vector<float> weights;  // (n_in, width), input-major
  std::vector<float> bias;     // (width), or none
};

struct FloatGenerator {
  std::vector<FloatLayer> layers;
  bool unit_norm = false;

  std::uint32_t code_dim() const noexcept { return layers.front().n_in; }
  std::uint32_t chunk_dim() const noexcept { return layers.back().width; }
};

// What the file keeps of a layer; empty where it is drawn or absent.
struct StoredLayer {
  std::vector<float> weights;
  std::vector<float> bias;
};

// `generator` with seeded layers drawn and stored ones taken from `stored`, one entry a layer. The manifest's rules
// hold.
FloatGenerator expand_float(const Generator& generator, std::vector<StoredLayer> stored,
                            const Kernels& kernels = default_kernels());

// phi(alpha), outputs [first, first + g.size()) of chunk_dim. alpha: (code_dim).
void generate(const FloatGenerator& generator, std::span<const float> alpha, std::uint64_t first, std::span<float> g);

// acc = fused multiply-adds over i ascending from +0, then bias: outputs [first, first + acc.size()) of the layer.
void accumulate(const FloatLayer& layer, std::span<const float> x, std::uint64_t first, std::span<float> acc);

// w += beta * g, product and sum each rounded once, never fused. Sizes equal.
void add_scaled(float beta, std::span<const float> g, std::span<float> w);

// g / |g|, in the order of spec section "unit norm"; g stays where |g| is 0.
void normalize(std::span<float> g);

}  // namespace mcnc

#endif  // MCNC_GENERATOR_FLOAT_GENERATOR_H_
