// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Codes under training of random shapes, expanded on an accelerator and on the host: the weights must be the same
// bytes, and gradients the same numbers up to rounding.
#ifndef MCNC_TESTS_CUDA_RANDOM_EXPANSIONS_H_
#define MCNC_TESTS_CUDA_RANDOM_EXPANSIONS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "mcnc/accelerator.h"
#include "mcnc/code_expander.h"
#include "mcnc/encoder.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::testing {

// One tensor that codes make, and the gradient of a loss with respect to it.
struct Expansion {
  EncoderOptions options;
  std::vector<float> alpha, beta;  // (chunks, codes_per_chunk, code_dim), (chunks, codes_per_chunk)
  std::vector<float> theta0;       // (elements), or empty
  std::vector<float> gradient;     // (elements)
  DType dtype = DType::kF32;

  std::uint64_t elements() const noexcept { return gradient.size(); }
  std::uint64_t chunks() const noexcept { return beta.size() / options.codes_per_chunk; }
};

struct Expanded {
  std::vector<std::byte> weights;
  std::vector<float> alpha_gradient, beta_gradient;
};

// The same for the same seed: one to three layers, codes of 1 to 70 numbers, some beyond their range, chunks of 1 to
// 300 weights, of which the last may not be whole.
Expansion random_expansion(std::uint32_t seed);

// What the accelerator makes, of copies in its memory that stand `offset` floats behind the beginning of an allocation.
Result<Expanded> expand_on(const std::shared_ptr<Accelerator>& accelerator, const Expansion& expansion,
                           std::size_t offset);
Result<Expanded> expand_on_host(const Expansion& expansion);

// Fails the test that calls it where they are not.
void expect_same_expanded(const Expansion& expansion, const Expanded& made, const Expanded& expected);

}  // namespace mcnc::testing

#endif  // MCNC_TESTS_CUDA_RANDOM_EXPANSIONS_H_
