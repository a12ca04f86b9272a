// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What can go wrong between codes under training and a GPU: see faults_test.cc.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>

#include "cuda/random_expansions.h"
#include "cuda/stand_in.h"

namespace mcnc::cuda {
namespace {

// Of one layer, of several, and of int16.
class ExpanderFaults : public ::testing::TestWithParam<std::uint32_t> {};

// Every function of the driver that can fail, wherever it is called while codes are expanded and gradients taken back:
// the status names CUDA's error, nothing is left, and once the fault is over all is well.
TEST_P(ExpanderFaults, EveryCallOfTheDriverIsChecked) {
  StandIn stand_in;
  const testing::Expansion expansion = testing::random_expansion(GetParam());
  const Result<testing::Expanded> expected = testing::expand_on_host(expansion);
  ASSERT_OK(expected);
  const std::array functions = {"cuModuleGetFunction", "cuEventRecord",         "cuEventSynchronize",
                                "cuMemAllocAsync",     "cuMemcpyHtoDAsync",     "cuMemcpyDtoHAsync",
                                "cuLaunchKernel",      "cuPointerGetAttribute", "kernel"};
  for (const char* const function : functions) {
    bool failed = true;
    int call = 1;
    for (; failed && call < 1000; ++call) {
      const std::string fault = std::string(function) + ":" + std::to_string(call) + "=400";
      SCOPED_TRACE(fault);
      stand_in.fault(fault.c_str());
      {
        const Result<std::shared_ptr<Accelerator>> gpu = open_cuda();
        ASSERT_OK(gpu);
        const Result<testing::Expanded> made = testing::expand_on(*gpu, expansion, 0);
        failed = !made.ok();
        if (failed) {
          EXPECT_EQ(made.status().code(), ErrorCode::kDevice) << made.status().to_string();
          EXPECT_NE(made.status().message().find("CUDA_ERROR_INVALID_HANDLE"), std::string::npos)
              << made.status().to_string();
        } else {
          testing::expect_same_expanded(expansion, *made, *expected);
        }
      }
      stand_in.fault("");
      ASSERT_EQ(stand_in.left(), 0U);
    }
    EXPECT_GT(call, 2) << function << " is not called";
    EXPECT_FALSE(failed) << function;
  }
}

INSTANTIATE_TEST_SUITE_P(Codes, ExpanderFaults, ::testing::Values(0U, 1U, 2U, 3U));

TEST(ExpanderOnDevice, NothingIsWaitedForInSecret) {
  StandIn stand_in;
  const Result<std::shared_ptr<Accelerator>> gpu = open_cuda();
  ASSERT_OK(gpu);
  Result<CodeExpander> expander = CodeExpander::create({.code_dim = 9, .chunk_dim = 100, .hidden = {20}}, *gpu);
  ASSERT_OK(expander);
  ASSERT_OK((*gpu)->synchronize());
  DeviceMemory alpha(0, 36 * 4), beta(0, 4 * 4), out(0, 400 * 4);
  const auto floats = [](const DeviceMemory& memory) { return reinterpret_cast<float*>(memory.data()); };
  unsigned before = 0;
  for (int i = 0; i < 3; ++i) {
    const TrainedCodesOnDevice codes{floats(alpha), floats(beta), 4};
    ASSERT_OK(expander->weights_on_device(codes, nullptr, 400, DType::kF32, out.data()));
    ASSERT_OK(expander->gradients_on_device(codes, floats(out), 400, floats(alpha), floats(beta)));
    EXPECT_GT(stand_in.pending(), before);
    before = stand_in.pending();
  }
  ASSERT_OK((*gpu)->synchronize());
}

}  // namespace
}  // namespace mcnc::cuda
