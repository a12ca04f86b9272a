// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Codes under training, expanded by the kernels through the shim: the weights of the host, gradients near those of the
// host and the same bits whatever the order of threads, and what becomes of numbers that are not finite.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "cuda/on_device.h"
#include "cuda/random_expansions.h"
#include "cuda/test_accelerator.h"
#include "mcnc/convert.h"

namespace mcnc::cuda {
namespace {

using testing::Expanded;
using testing::Expansion;
using testing::random_expansion;

constexpr std::uint32_t kExpansions = 150;

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

Result<Expanded> expand_by_kernels(const Expansion& expansion, const Way& way, std::size_t offset = 0,
                                   std::set<std::string>* launched = nullptr) {
  HostDevice device(way.fill, way.order);
  OneRow one_row(device);
  Result<Expanded> made = testing::expand_on(
      std::make_shared<TestAccelerator>(way.one_row ? static_cast<Device&>(one_row) : device, way.batches), expansion,
      offset);
  EXPECT_EQ(device.damaged(), 0U);
  EXPECT_EQ(device.allocated(), 0U);
  if (launched != nullptr) {
    for (const auto& [kernel, count] : device.launches()) launched->insert(kernel);
  }
  return made;
}

TEST(Expander, MakesWhatTheHostMakes) {
  std::set<std::string> launched;
  for (std::uint32_t seed = 0; seed < kExpansions && !HasFailure(); ++seed) {
    SCOPED_TRACE("expansion " + std::to_string(seed));
    const Expansion expansion = random_expansion(seed);
    const Result<Expanded> expected = testing::expand_on_host(expansion);
    ASSERT_OK(expected);
    std::vector<Way> ways = two_ways();
    ways.push_back({std::byte{0xFF}, Order::kForward, {}, true});
    std::vector<Expanded> all;
    for (const Way& way : ways) {
      Result<Expanded> made = expand_by_kernels(expansion, way, seed % 5, &launched);
      ASSERT_OK(made);
      testing::expect_same_expanded(expansion, *made, *expected);
      all.push_back(*std::move(made));
      EXPECT_TRUE(same_bits(all.back().alpha_gradient, all.front().alpha_gradient));
      EXPECT_TRUE(same_bits(all.back().beta_gradient, all.front().beta_gradient));
    }
  }
  for (const std::string& kernel : kernel_names()) {
    EXPECT_TRUE(launched.contains(kernel) || !is_for_training(kernel)) << kernel << " never ran";
  }
}

// A number of a code that is not finite spoils its chunk, in which it can be seen, and no other.
TEST(Expander, WhatIsNotFiniteStaysSo) {
  for (const float wrong : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity()}) {
    for (const DType dtype : {DType::kF32, DType::kF16, DType::kBf16}) {
      for (const bool in_beta : {false, true}) {
        for (const std::vector<std::uint32_t>& hidden : {std::vector<std::uint32_t>{}, {20}}) {
          Expansion expansion;
          expansion.options = {.code_dim = 3, .chunk_dim = 40, .hidden = hidden};
          expansion.alpha.assign(9, 0.25F);
          expansion.beta.assign(3, 0.5F);
          expansion.gradient.assign(110, 1.0F);
          expansion.dtype = dtype;
          const Result<Expanded> right = expand_by_kernels(expansion, two_ways().front());
          ASSERT_OK(right);
          (in_beta ? expansion.beta[1] : expansion.alpha[4]) = wrong;
          const Result<Expanded> made = expand_by_kernels(expansion, two_ways().front());
          ASSERT_OK(made);
          std::vector<float> weights(110), right_weights(110);
          widen(made->weights, dtype, weights);
          widen(right->weights, dtype, right_weights);
          for (std::size_t i = 0; i < weights.size(); ++i) {
            const bool is_wrong = i >= 40 && i < 80;
            EXPECT_TRUE(is_wrong ? std::isnan(weights[i]) : weights[i] == right_weights[i]) << i;
          }
          for (std::size_t c = 0; c < 3; ++c) {
            EXPECT_EQ(std::isnan(made->beta_gradient[c]), c == 1);
            for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(std::isnan(made->alpha_gradient[3 * c + i]), c == 1);
          }
        }
      }
    }
  }
}

TEST(Expander, GradientsThatAreNotFiniteGiveSome) {
  Expansion expansion = random_expansion(1);
  expansion.gradient[0] = std::numeric_limits<float>::infinity();
  const Result<Expanded> made = expand_by_kernels(expansion, two_ways().front());
  ASSERT_OK(made);
  EXPECT_FALSE(std::isfinite(made->beta_gradient[0]));
  EXPECT_FALSE(std::isfinite(made->alpha_gradient[0]));
}

TEST(Expander, RefusesWhatDoesNotFit) {
  const Expansion expansion = random_expansion(2);
  HostDevice device(std::byte{0}, Order::kForward);
  Result<CodeExpander> expander =
      CodeExpander::create(expansion.options, std::make_shared<TestAccelerator>(device, Batches{}));
  ASSERT_OK(expander);
  const TrainedCodesOnDevice codes{nullptr, nullptr, expansion.chunks()};
  const std::uint64_t too_many = expansion.chunks() * expansion.options.chunk_dim + 1;
  EXPECT_EQ(expander->weights_on_device(codes, nullptr, too_many, DType::kF32, nullptr).code(), ErrorCode::kArgument);
  EXPECT_EQ(expander->weights_on_device(codes, nullptr, 0, DType::kF32, nullptr).code(), ErrorCode::kArgument);
  EXPECT_EQ(expander->weights_on_device(codes, nullptr, 1, DType::kF64, nullptr).code(), ErrorCode::kArgument);
  EXPECT_EQ(expander->gradients_on_device(codes, nullptr, too_many, nullptr, nullptr).code(), ErrorCode::kArgument);
  const TrainedCodesOnDevice many{nullptr, nullptr, std::uint64_t{1} << 60};
  EXPECT_EQ(expander->gradients_on_device(many, nullptr, 1, nullptr, nullptr).code(), ErrorCode::kArgument);

  // Whose bytes no number of 64 bits counts.
  Result<CodeExpander> wide =
      CodeExpander::create({.code_dim = 1, .chunk_dim = 1 << 20}, std::make_shared<TestAccelerator>(device, Batches{}));
  ASSERT_OK(wide);
  const TrainedCodesOnDevice most{nullptr, nullptr, std::uint64_t{1} << 42};
  EXPECT_EQ(wide->weights_on_device(most, nullptr, std::uint64_t{1} << 62, DType::kF32, nullptr).code(),
            ErrorCode::kArgument);
  EXPECT_EQ(wide->gradients_on_device(most, nullptr, std::uint64_t{1} << 62, nullptr, nullptr).code(),
            ErrorCode::kArgument);

  Result<CodeExpander> on_host = CodeExpander::create(expansion.options);
  ASSERT_OK(on_host);
  const Status status = on_host->weights_on_device(codes, nullptr, expansion.elements(), DType::kF32, nullptr);
  EXPECT_EQ(status.code(), ErrorCode::kArgument);
  EXPECT_NE(status.to_string().find("without an accelerator"), std::string::npos) << status.to_string();
}

}  // namespace
}  // namespace mcnc::cuda
