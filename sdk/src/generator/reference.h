// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The definition of the integer arithmetic: readable, in the order of spec section "integer arithmetic", slow. Every
// faster path is compared with it byte for byte.
#ifndef MCNC_GENERATOR_REFERENCE_H_
#define MCNC_GENERATOR_REFERENCE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "generator/expanded.h"

namespace mcnc {

// phi(alpha), outputs [first, first + g.size()) of chunk_dim. alpha: (code_dim). Sine last layer: Q15; identity last
// layer: the accumulator, which rule generator.bound keeps from wrapping.
void generate(const ExpandedGenerator& generator, std::span<const std::int32_t> alpha, std::uint64_t first,
              std::span<std::int32_t> g);

// The same in two steps. First, what the last layer takes.
std::vector<std::int32_t> last_inputs(const ExpandedGenerator& generator, std::span<const std::int32_t> alpha);
// Then, from that, outputs [first, first + g.size()) as the words of int32.
void last_outputs(const ExpandedGenerator& generator, std::span<const std::int32_t> x, std::uint64_t first,
                  std::span<std::uint32_t> g);

// acc = sum over i of weights[i][first + j] * x[i], mod 2^32. x: (n_in); acc: any part of (width).
void accumulate(const ExpandedLayer& layer, std::span<const std::int32_t> x, std::uint64_t first,
                std::span<std::uint32_t> acc);

// w += beta * float(g); conversion, product and sum each rounded once, never fused. Sizes equal.
void add_scaled(float beta, std::span<const std::int32_t> g, std::span<float> w);

}  // namespace mcnc

#endif  // MCNC_GENERATOR_REFERENCE_H_
