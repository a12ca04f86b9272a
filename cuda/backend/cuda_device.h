// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// An NVIDIA GPU as a Device, by way of CUDA's driver.
#ifndef MCNC_CUDA_BACKEND_CUDA_DEVICE_H_
#define MCNC_CUDA_BACKEND_CUDA_DEVICE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "cuda/backend/device.h"
#include "cuda/backend/driver.h"
#include "mcnc/cuda.h"

namespace mcnc::cuda {

class CudaDevice final : public Device {
 public:
  // kernels: what cuModuleLoadData takes.
  static Result<std::unique_ptr<CudaDevice>> open(const CudaOptions& options, const void* kernels);
  ~CudaDevice() override;
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  // Such as "NVIDIA H100 80GB HBM3, compute capability 9.0".
  const std::string& name() const noexcept { return name_; }

  unsigned processors() const noexcept override { return processors_; }
  Result<void*> allocate(std::uint64_t bytes) noexcept override;
  void release(void* memory) noexcept override;
  Status upload(std::span<const std::byte> from, void* to) noexcept override;
  Status download(const void* from, std::span<std::byte> to) noexcept override;
  Status launch(const char* kernel, const Grid& grid, std::span<const Argument> arguments) noexcept override;
  // What only a program of the caller's asks for: a copy within the device, and the end of all work.
  Status copy(const void* from, void* to, std::uint64_t bytes) noexcept;
  Status synchronize() noexcept;
  // Whether `bytes` bytes from `memory` on, which a caller gave, are memory of this device.
  Status check_memory(const void* memory, std::uint64_t bytes) noexcept;

 private:
  // While it lives, the device's context is the current one of the thread.
  class Current;
  // A part of the pinned memory that copies go through: the device copies some while the host fills or empties others.
  struct Slot {
    std::byte* bytes = nullptr;
    CUevent copied = nullptr;  // recorded behind the last copy from or to `bytes`
  };

  CudaDevice(const Driver& driver, CUdevice device) noexcept : driver_(&driver), device_(device) {}
  Status check(CUresult result, const char* what) const;
  Status describe();
  Status load_kernels(const void* image);
  Status take_stream(void* stream);
  Status allocate_staging();
  // body(), a Status or a Result, with the device's context as the thread's current one.
  template <typename Body>
  auto in_context(const Body& body) noexcept -> decltype(body());
  Result<CUfunction> function(const char* kernel);
  // How many bytes there are from `memory` on in what CUDA knows as one range of this device's memory.
  Result<std::uint64_t> bytes_from(CUdeviceptr memory) const;

  const Driver* driver_;
  CUdevice device_;
  std::string name_;
  unsigned processors_ = 1;
  bool has_pools_ = false;  // memory can be allocated and released in the order of the stream
  CUcontext context_ = nullptr;
  CUmodule module_ = nullptr;
  CUstream stream_ = nullptr;
  bool owns_stream_ = false;
  std::array<Slot, 16> staging_;
  std::size_t next_slot_ = 0;  // for uploads
  std::map<std::string, CUfunction, std::less<>> functions_;
};

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_BACKEND_CUDA_DEVICE_H_
