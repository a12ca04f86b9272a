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

// Runs a wrong kernel in one block of eight threads. Returns what `out` holds then; `in` is never written.
template <typename Kernel>
std::vector<int> run_on(HostDevice& device, Order order, const Kernel& kernel) {
  Buffer<int> in, out;
  EXPECT_OK(in.reserve(device, 8));
  EXPECT_OK(out.reserve(device, 8));
  for_each_thread({.block_x = 8}, order, [&] { kernel(in.data(), out.data()); });
  return {out.data(), out.data() + 8};
}

TEST(HostDevice, TwoFillsDifferWhereMemoryIsReadThatWasNeverWritten) {
  const auto kernel = [](const int* in, int* out) { out[threadIdx.x] = threadIdx.x == 5 ? in[5] : 1; };
  HostDevice first(std::byte{0xFF}, Order::kForward), second(std::byte{0x55}, Order::kForward);
  EXPECT_NE(run_on(first, Order::kForward, kernel), run_on(second, Order::kForward, kernel));
}

TEST(HostDevice, TwoOrdersDifferWhereThreadsReadWhatOthersWrite) {
  const auto kernel = [](const int*, int* out) { out[threadIdx.x] = threadIdx.x == 0 ? 1 : out[threadIdx.x - 1] + 1; };
  HostDevice device(std::byte{0}, Order::kForward);
  EXPECT_NE(run_on(device, Order::kForward, kernel), run_on(device, Order::kBackward, kernel));
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
