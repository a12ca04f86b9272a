// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The interpreter as a device of the decoder: kernels are nvcc's PTX, and every check of the interpreter holds. Memory
// that was never written must not be read, threads of a launch must not see what others of it write; see fault.h.
#ifndef MCNC_TESTS_CUDA_PTX_PTX_DEVICE_H_
#define MCNC_TESTS_CUDA_PTX_PTX_DEVICE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "cuda/backend/device.h"
#include "cuda/ptx/device.h"

namespace mcnc::cuda {

// Pointers of the device are numbers of 64 bits: only for hosts whose pointers are as wide.
class PtxDevice final : public Device {
 public:
  // Throws ptx::Refused where the interpreter does not know what is in the text.
  explicit PtxDevice(std::string_view text) : device_(text) {}

  unsigned processors() const noexcept override { return 1; }
  Result<void*> allocate(std::uint64_t bytes) noexcept override;
  void release(void* memory) noexcept override;
  Status upload(std::span<const std::byte> from, void* to) noexcept override;
  Status download(const void* from, std::span<std::byte> to) noexcept override;
  Status launch(const char* kernel, const Grid& grid, std::span<const Argument> arguments) noexcept override;

  const ptx::Device& interpreter() const noexcept { return device_; }
  // How often each kernel was launched.
  const std::map<std::string, std::uint64_t>& launches() const noexcept { return launches_; }

 private:
  ptx::Device device_;
  std::uint64_t allocations_ = 0;
  std::map<std::string, std::uint64_t> launches_;
};

}  // namespace mcnc::cuda

#endif  // MCNC_TESTS_CUDA_PTX_PTX_DEVICE_H_
