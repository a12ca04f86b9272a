// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What the kernels are tested against: the arithmetic of the specification once more, as plain loops over unpacked
// weights, in the order of the text. It shares the primitives of arithmetic/ with the library and nothing else.
#ifndef MCNC_TESTS_SUPPORT_REFERENCE_H_
#define MCNC_TESTS_SUPPORT_REFERENCE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "model/expanded.h"

namespace mcnc {

// --- integer arithmetic

// acc = sum over i of weights[i][first + j] * x[i], mod 2^32. x: (n_in); acc: any part of (width).
void accumulate(const ExpandedLayer& layer, std::span<const std::int32_t> x, std::uint64_t first,
                std::span<std::uint32_t> acc);
// phi(alpha), outputs [first, first + g.size()) of chunk_dim. alpha: (code_dim).
void generate(const ExpandedGenerator& generator, std::span<const std::int32_t> alpha, std::uint64_t first,
              std::span<std::int32_t> g);
// w += beta * float(g); conversion, product and sum each rounded once, never fused. Sizes equal.
void add_scaled(float beta, std::span<const std::int32_t> g, std::span<float> w);

// --- float32 arithmetic

struct ReferenceLayer {
  std::uint32_t n_in = 0;
  std::uint32_t width = 0;
  Activation activation = Activation::kSine;
  float turns = 0;
  std::vector<float> weights;  // (n_in, width), input-major
  std::vector<float> bias;     // (width), or none
};

struct ReferenceGenerator {
  std::vector<ReferenceLayer> layers;
  bool unit_norm = false;
};

// `generator` with the weights of all layers drawn, by the scalar kernels.
ReferenceGenerator expand_float(const Generator& generator);
// acc = fused multiply-adds over i ascending from +0, then the bias: outputs [first, first + acc.size()) of the layer.
void accumulate(const ReferenceLayer& layer, std::span<const float> x, std::uint64_t first, std::span<float> acc);
// phi(alpha), outputs [first, first + g.size()) of chunk_dim. alpha: (code_dim).
void generate(const ReferenceGenerator& generator, std::span<const float> alpha, std::uint64_t first,
              std::span<float> g);
// w += beta * g, product and sum each rounded once, never fused. Sizes equal.
void add_scaled(float beta, std::span<const float> g, std::span<float> w);

}  // namespace mcnc

#endif  // MCNC_TESTS_SUPPORT_REFERENCE_H_
