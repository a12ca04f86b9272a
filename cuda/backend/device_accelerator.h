// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Any Device as an accelerator of the decoder.
#ifndef MCNC_CUDA_BACKEND_DEVICE_ACCELERATOR_H_
#define MCNC_CUDA_BACKEND_DEVICE_ACCELERATOR_H_

#include <memory>
#include <string>

#include "cuda/backend/device.h"
#include "cuda/backend/tensor_decoder.h"
#include "mcnc/accelerator.h"

namespace mcnc::cuda {

class DeviceAccelerator final : public Accelerator {
 public:
  DeviceAccelerator(std::unique_ptr<Device> device, std::string name, const Batches& batches = {}) noexcept
      : device_(std::move(device)), name_(std::move(name)), batches_(batches) {}

  std::string_view name() const noexcept override { return name_; }
  Result<std::shared_ptr<TensorMaker>> open(Parts& parts) noexcept override;

 private:
  std::unique_ptr<Device> device_;
  std::string name_;
  Batches batches_;
};

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_BACKEND_DEVICE_ACCELERATOR_H_
