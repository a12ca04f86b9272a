// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A device whose launches have one row of threads, whatever the caller asks for: every kernel may be given any number
// of rows, and with one its threads go through all of their work in loops, which small tensors never show otherwise.
#ifndef MCNC_TESTS_CUDA_ONE_ROW_H_
#define MCNC_TESTS_CUDA_ONE_ROW_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "cuda/backend/device.h"

namespace mcnc::cuda {

class OneRow final : public Device {
 public:
  // device: what the work is done by; it must outlive this.
  explicit OneRow(Device& device) noexcept : device_(device) {}

  unsigned processors() const noexcept override { return device_.processors(); }
  Result<void*> allocate(std::uint64_t bytes) noexcept override { return device_.allocate(bytes); }
  void release(void* memory) noexcept override { device_.release(memory); }
  Status upload(std::span<const std::byte> from, void* to) noexcept override { return device_.upload(from, to); }
  Status download(const void* from, std::span<std::byte> to) noexcept override { return device_.download(from, to); }
  Status launch(const char* kernel, const Grid& grid, std::span<const Argument> arguments) noexcept override {
    return device_.launch(kernel, {.x = grid.x, .block_x = grid.block_x}, arguments);
  }

 private:
  Device& device_;
};

}  // namespace mcnc::cuda

#endif  // MCNC_TESTS_CUDA_ONE_ROW_H_
