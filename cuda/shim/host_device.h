// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The host as a device: kernels are run by the shim, one thread after the other. What it sees:
//  * An access past the end of an allocation ends the program: a page that cannot be touched follows it. Up to 15 bytes
//    that alignment leaves before that page, and what stands before an allocation, are looked at when it is released.
//  * Memory that was released cannot be touched.
//  * Memory that was never written holds `fill`, so that two runs with different fills differ where it is read and
//    matters.
//  * Threads run in the order that `order` says, so that two runs differ where a thread reads what another one of the
//    same launch writes, or two write the same place.
//  * A launch with another number of arguments, or arguments of another size, than the kernel takes is refused.
#ifndef MCNC_CUDA_SHIM_HOST_DEVICE_H_
#define MCNC_CUDA_SHIM_HOST_DEVICE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cuda/backend/device.h"

namespace mcnc::cuda {

enum class Order { kForward, kBackward };

class HostDevice final : public Device {
 public:
  HostDevice(std::byte fill, Order order) noexcept : fill_(fill), order_(order) {}
  ~HostDevice() override;

  unsigned processors() const noexcept override { return 1; }
  Result<void*> allocate(std::uint64_t bytes) noexcept override;
  void release(void* memory) noexcept override;
  Status upload(std::span<const std::byte> from, void* to) noexcept override;
  Status download(const void* from, std::span<std::byte> to) noexcept override;
  Status launch(const char* kernel, const Grid& grid, std::span<const Argument> arguments) noexcept override;

  // How often each kernel was launched.
  const std::map<std::string, std::uint64_t>& launches() const noexcept { return launches_; }
  // Allocations that were written outside of their bounds, and those that nobody has released.
  std::uint64_t damaged() const noexcept { return damaged_; }
  std::size_t allocated() const noexcept { return sizes_.size(); }

 private:
  std::byte fill_;
  Order order_;
  std::map<std::string, std::uint64_t> launches_;
  std::map<void*, std::uint64_t> sizes_;
  std::uint64_t damaged_ = 0;
};

// Names of all kernels that can be launched.
std::vector<std::string> kernel_names();

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_SHIM_HOST_DEVICE_H_
