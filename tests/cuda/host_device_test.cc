// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What the host as a device sees of kernels that are wrong.

#include "cuda/shim/host_device.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "cuda/shim/run_kernel.h"
#include "support/status.h"

namespace mcnc::cuda {
namespace {

TEST(HostDevice, RefusesLaunchesThatDoNotFit) {
  HostDevice device(std::byte{0}, Order::kForward);
  Buffer<float> out;
  ASSERT_OK(out.reserve(device, 4));
  EXPECT_OK(launch(device, "mcnc_norms", {}, out.data(), 0U, out.data()));
  EXPECT_EQ(launch(device, "mcnc_norms", {}, out.data(), 0U).code(), ErrorCode::kDevice);
  EXPECT_EQ(launch(device, "mcnc_norms", {}, out.data(), std::uint64_t{0}, out.data()).code(), ErrorCode::kDevice);
  EXPECT_EQ(launch(device, "mcnc_no_kernel", {}, 0U).code(), ErrorCode::kDevice);
}

TEST(HostDevice, RunsEachThreadOnce) {
  for (const Order order : {Order::kForward, Order::kBackward}) {
    std::vector<int> seen(2 * 3 * 2 * 4 * 5);
    for_each_thread({.x = 2, .y = 3, .z = 2, .block_x = 4, .block_y = 5}, order, [&] {
      const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
      ++seen[(block * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x];
    });
    EXPECT_EQ(seen, std::vector<int>(seen.size(), 1));
  }
}

TEST(HostDevice, NewMemoryHoldsTheFill) {
  HostDevice device(std::byte{0x5A}, Order::kForward);
  Buffer<std::byte> memory;
  ASSERT_OK(memory.reserve(device, 100));
  EXPECT_EQ(std::vector<std::byte>(memory.data(), memory.data() + 100), std::vector<std::byte>(100, std::byte{0x5A}));
}

TEST(HostDevice, SeesWhatIsWrittenOutside) {
  HostDevice device(std::byte{0}, Order::kForward);
  for (const int outside : {-1, 17}) {
    Buffer<std::byte> memory;
    ASSERT_OK(memory.reserve(device, 17));
    const std::uint64_t before = device.damaged();
    memory.data()[outside] = std::byte{1};
    memory = {};
    EXPECT_EQ(device.damaged(), before + 1) << outside;
  }
}

TEST(HostDeviceDeathTest, EndsWhereMemoryEnds) {
  HostDevice device(std::byte{0}, Order::kForward);
  Buffer<std::byte> memory;
  ASSERT_OK(memory.reserve(device, 32));
  volatile std::byte* const end = memory.data() + 32;
  EXPECT_DEATH(static_cast<void>(*end), "");
}

}  // namespace
}  // namespace mcnc::cuda
