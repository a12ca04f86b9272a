// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Codes under training on every device that the driver has, by way of the public interface: the weights of the host,
// and gradients near those of the host; and memory that is not what it should be.

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

#include "cuda/backend/driver.h"
#include "cuda/random_expansions.h"
#include "cuda/stand_in.h"
#include "mcnc/cuda.h"

namespace mcnc::cuda {
namespace {

constexpr std::uint32_t kExpansions = 60;

TEST(DeviceExpander, MakesWhatTheHostMakes) {
  StandIn stand_in;
  int devices = 0;
  const Result<const Driver*> driver = load_driver();
  ASSERT_OK(driver);
  ASSERT_EQ((*driver)->device_count(&devices), 0);
  for (int device = 0; device < devices; ++device) {
    const Result<std::shared_ptr<Accelerator>> gpu = open_cuda({.device = device});
    ASSERT_OK(gpu);
    for (std::uint32_t seed = 0; seed < kExpansions && !HasFailure(); ++seed) {
      SCOPED_TRACE("expansion " + std::to_string(seed));
      const testing::Expansion expansion = testing::random_expansion(seed);
      const Result<testing::Expanded> expected = testing::expand_on_host(expansion);
      ASSERT_OK(expected);
      const Result<testing::Expanded> made = testing::expand_on(*gpu, expansion, seed % 5);
      ASSERT_OK(made);
      testing::expect_same_expanded(expansion, *made, *expected);
    }
  }
  EXPECT_EQ(stand_in.left(), 0U);
}

// 21 chunks of 100 weights, 2,100 in all.
class DeviceExpanderMemory : public ::testing::Test {
 protected:
  void SetUp() override {
    Result<std::shared_ptr<Accelerator>> gpu = open_cuda({.device = 0});
    ASSERT_OK(gpu);
    Result<CodeExpander> expander = CodeExpander::create({.code_dim = 9, .chunk_dim = 100}, *gpu);
    ASSERT_OK(expander);
    expander_ = std::make_unique<CodeExpander>(*std::move(expander));
  }

  static constexpr std::uint64_t kElements = 2100, kChunks = 21;
  StandIn stand_in_;
  std::unique_ptr<CodeExpander> expander_;
  DeviceMemory alpha_{0, 4 * 9 * kChunks}, beta_{0, 4 * kChunks}, weights_{0, 4 * kElements};

  static float* floats(std::byte* memory) { return reinterpret_cast<float*>(memory); }
  Status weights(const DeviceMemory& alpha, const DeviceMemory& beta, const float* theta0, std::byte* out) {
    const TrainedCodesOnDevice codes{floats(alpha.data()), floats(beta.data()), kChunks};
    return expander_->weights_on_device(codes, theta0, kElements, DType::kF32, out);
  }
  Status gradients(const DeviceMemory& of_alpha, const DeviceMemory& of_beta) {
    const TrainedCodesOnDevice codes{floats(alpha_.data()), floats(beta_.data()), kChunks};
    return expander_->gradients_on_device(codes, floats(weights_.data()), kElements, floats(of_alpha.data()),
                                          floats(of_beta.data()));
  }
  static void expect_refused(const Status& status, ErrorCode code, const char* text) {
    EXPECT_EQ(status.code(), code) << status.to_string();
    EXPECT_NE(status.to_string().find(text), std::string::npos) << status.to_string();
  }
};

TEST_F(DeviceExpanderMemory, IsWhatItShouldBe) {
  EXPECT_OK(weights(alpha_, beta_, floats(weights_.data()), weights_.data()));
  EXPECT_OK(gradients(alpha_, beta_));
}

TEST_F(DeviceExpanderMemory, TooSmall) {
  const DeviceMemory small(0, 4 * kChunks - 4);
  expect_refused(weights(small, beta_, nullptr, weights_.data()), ErrorCode::kDevice, "756 are needed");
  expect_refused(weights(alpha_, small, nullptr, weights_.data()), ErrorCode::kDevice, "84 are needed");
  expect_refused(weights(alpha_, beta_, floats(small.data()), weights_.data()), ErrorCode::kDevice, "8400 are needed");
  expect_refused(weights(alpha_, beta_, nullptr, small.data()), ErrorCode::kDevice, "8400 are needed");
  expect_refused(gradients(small, beta_), ErrorCode::kDevice, "756 are needed");
  expect_refused(gradients(alpha_, small), ErrorCode::kDevice, "84 are needed");
}

TEST_F(DeviceExpanderMemory, NotAligned) {
  expect_refused(weights(alpha_, beta_, nullptr, weights_.data() + 2), ErrorCode::kArgument, "not aligned");
}

TEST_F(DeviceExpanderMemory, OfTheHost) {
  alignas(16) static float host[kElements];
  expect_refused(weights(alpha_, beta_, host, weights_.data()), ErrorCode::kDevice, "the memory is the host's");
}

}  // namespace
}  // namespace mcnc::cuda
