// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// One launch: a kernel is called for each thread of its grid.
#ifndef MCNC_CUDA_SHIM_RUN_KERNEL_H_
#define MCNC_CUDA_SHIM_RUN_KERNEL_H_

#include <cstring>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "cuda/backend/device.h"
#include "cuda/shim/host_device.h"
#include "cuda/shim/shim.h"

namespace mcnc::cuda {

// Calls run() for each thread of the grid, all threads of a block before those of the next one.
template <typename Run>
void for_each_thread(const Grid& grid, Order order, const Run& run) {
  gridDim = {grid.x, grid.y, grid.z};
  blockDim = {grid.block_x, grid.block_y, 1};
  const std::uint64_t block_threads = std::uint64_t{grid.block_x} * grid.block_y;
  const std::uint64_t threads = block_threads * grid.x * grid.y * grid.z;
  for (std::uint64_t i = 0; i < threads; ++i) {
    const std::uint64_t at = order == Order::kForward ? i : threads - 1 - i;
    const std::uint64_t block = at / block_threads;
    const auto thread = static_cast<unsigned>(at % block_threads);
    blockIdx = {static_cast<unsigned>(block % grid.x), static_cast<unsigned>(block / grid.x % grid.y),
                static_cast<unsigned>(block / grid.x / grid.y)};
    threadIdx = {thread % grid.block_x, thread / grid.block_x, 0};
    run();
  }
}

// False where `arguments` are not as many as the kernel has parameters, and of the same sizes.
template <typename... Parameters>
bool run_kernel(void (*kernel)(Parameters...), const Grid& grid, Order order, std::span<const Argument> arguments) {
  if (arguments.size() != sizeof...(Parameters)) return false;
  return [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
    if (((arguments[kIndex].size != sizeof(Parameters)) || ...)) return false;
    std::tuple<Parameters...> values;
    (std::memcpy(&std::get<kIndex>(values), arguments[kIndex].value, sizeof(Parameters)), ...);
    for_each_thread(grid, order, [&] { kernel(std::get<kIndex>(values)...); });
    return true;
  }
  (std::index_sequence_for<Parameters...>());
}

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_SHIM_RUN_KERNEL_H_
