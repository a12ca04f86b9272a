// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What decoding a model takes, counted from its manifest alone: what a file states as its budget, and what Limits are
// compared with. All functions are thread-safe. Indices in what they are given must be valid, as in a manifest that a
// Reader has opened.
#ifndef MCNC_COST_H_
#define MCNC_COST_H_

#include <cstddef>
#include <optional>

#include "mcnc/checked_math.h"
#include "mcnc/manifest.h"

namespace mcnc {

// Weights of one generator: the sum of n_in * width over its layers; also its multiply-adds a code.
Checked weight_count(const Generator& generator) noexcept;

// Whether the weights of layers[l] are drawn anew wherever they are needed, and not kept: those of a last layer of
// float32 arithmetic that nobody stored and that are more than 2^24, counted in whole blocks as below.
bool is_drawn_anew(const Generator& generator, std::size_t l) noexcept;

// Bytes of a generator's weights and biases in memory: an int8 or a float32 each, in blocks of 64 outputs, 2^24 weights
// of a layer that is drawn anew.
Checked generator_bytes(const Generator& generator) noexcept;

// Multiply-adds to make one tensor from the codes, factors or tensor it comes from. Follows a shared tensor to its
// target and a product to its factors, which follow nothing; not what it starts from in a base.
Checked multiply_adds_of(const Manifest& manifest, const Tensor& tensor) noexcept;

// What decoding takes, from everything but Manifest::budget itself (spec section "budget"). Indices must be valid.
// Nothing where a number does not fit 64 bits.
std::optional<Cost> cost_of(const Manifest& manifest) noexcept;

}  // namespace mcnc

#endif  // MCNC_COST_H_
