// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <utility>

#include "cuda/backend/cuda_accelerator.h"
#include "cuda/backend/cuda_device.h"
#include "mcnc/boundary.h"
#include "mcnc/cuda.h"

namespace mcnc {

Result<std::shared_ptr<Accelerator>> open_cuda(const CudaOptions& options) noexcept {
  return boundary([&]() -> Result<std::shared_ptr<Accelerator>> {
    Result<std::unique_ptr<cuda::CudaDevice>> device = cuda::CudaDevice::open(options);
    if (!device.ok()) return device.status();
    return std::shared_ptr<Accelerator>(std::make_shared<cuda::CudaAccelerator>(*std::move(device)));
  });
}

}  // namespace mcnc
