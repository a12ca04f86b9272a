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

}  // namespace mcnc::testing

#endif  // MCNC_TESTS_CUDA_RANDOM_MODELS_H_
