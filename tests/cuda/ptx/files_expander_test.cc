// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Codes under training, expanded by the PTX that nvcc makes of the kernels, run by the interpreter: the weights of the
// host's decoder, gradients near those of the host, and the bits of both that the same kernels make through the shim.

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "cuda/ptx/interpreted.h"
#include "cuda/random_expansions.h"
#include "cuda/shim/host_device.h"
#include "cuda/test_accelerator.h"
#include "support/status.h"

namespace mcnc::cuda {
namespace {

// As many as it takes until every kernel has run.
constexpr std::uint32_t kExpansions = 60;

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

TEST(Expansions, AreMadeByPtx) {
  for (std::uint32_t seed = 0; seed < kExpansions && !HasFailure(); ++seed) {
    SCOPED_TRACE("expansion " + std::to_string(seed));
    const testing::Expansion expansion = testing::random_expansion(seed);
    const Batches batches = seed % 2 == 0 ? Batches{} : Batches{.elements = 100, .scratch_bytes = 1000};
    const Result<testing::Expanded> expected = testing::expand_on_host(expansion);
    ASSERT_OK(expected);
    const Result<testing::Expanded> made =
        testing::expand_on(std::make_shared<TestAccelerator>(interpreted(), batches), expansion, seed % 5);
    ASSERT_OK(made);
    testing::expect_same_expanded(expansion, *made, *expected);

    HostDevice shim(std::byte{0x55}, Order::kForward);
    const Result<testing::Expanded> by_shim =
        testing::expand_on(std::make_shared<TestAccelerator>(shim, Batches{}), expansion, 0);
    ASSERT_OK(by_shim);
    EXPECT_TRUE(same_bits(made->alpha_gradient, by_shim->alpha_gradient));
    EXPECT_TRUE(same_bits(made->beta_gradient, by_shim->beta_gradient));
  }
}

}  // namespace
}  // namespace mcnc::cuda
