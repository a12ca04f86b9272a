// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Models of random shapes, small and odd, of everything that tensors can be made of.
#ifndef MCNC_TESTS_CUDA_RANDOM_MODELS_H_
#define MCNC_TESTS_CUDA_RANDOM_MODELS_H_

#include <cstdint>

#include "mcnc/writer.h"

namespace mcnc::testing {

// The same model for the same seed: one generator, one table of codes, tensors that tile its weights, and a product.
Model random_model(std::uint32_t seed);

// What most weights are made of, in the shapes that the kernels of one sine layer are fastest with: an int8 code of at
// most 16 numbers for a chunk, chunks, and most tensors, of whole fours, weights that start from a constant.
Model random_sine_model(std::uint32_t seed);

// Integer generators of two to four layers, which are multiplied as matrices: codes of 1 to 70 numbers, most of them
// int8, layers of 1 to 129 outputs about the widths of tiles, 1 to 40 chunks.
Model random_deep_model(std::uint32_t seed);

}  // namespace mcnc::testing

#endif  // MCNC_TESTS_CUDA_RANDOM_MODELS_H_
