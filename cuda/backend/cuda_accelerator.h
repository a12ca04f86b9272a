// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A CudaDevice as an accelerator of a Decoder and of a CodeExpander.
#ifndef MCNC_CUDA_BACKEND_CUDA_ACCELERATOR_H_
#define MCNC_CUDA_BACKEND_CUDA_ACCELERATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "cuda/backend/cuda_device.h"
#include "mcnc/accelerator.h"

namespace mcnc::cuda {

class CudaAccelerator final : public Accelerator {
 public:
  explicit CudaAccelerator(std::unique_ptr<CudaDevice> device) noexcept : device_(std::move(device)) {}

  std::string_view name() const noexcept override { return device_->name(); }
  Result<std::shared_ptr<std::byte>> allocate(std::uint64_t bytes) noexcept override;
  Status upload(std::span<const std::byte> from, std::byte* to) noexcept override { return device_->upload(from, to); }
  Status copy(const std::byte* from, std::byte* to, std::uint64_t bytes) noexcept override {
    return device_->copy(from, to, bytes);
  }
  Status download(const std::byte* from, std::span<std::byte> to) noexcept override {
    return device_->download(from, to);
  }
  Status synchronize() noexcept override { return device_->synchronize(); }
  Result<std::shared_ptr<TensorMaker>> open(Parts& parts) noexcept override;
  Result<std::shared_ptr<DeviceExpander>> expand(const TrainedGenerator& generator) noexcept override;

 private:
  std::unique_ptr<CudaDevice> device_;
};

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_BACKEND_CUDA_ACCELERATOR_H_
