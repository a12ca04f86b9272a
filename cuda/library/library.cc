// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The library libmcnc-cuda.so: what it exports. See sdk/src/decoder/cuda_library.h.

#include <memory>
#include <utility>

#include "cuda/backend/cuda_accelerator.h"
#include "cuda/backend/cuda_device.h"
#include "cuda/library/kernel_image.h"
#include "decoder/cuda_library.h"
#include "mcnc/boundary.h"

namespace mcnc::cuda {
namespace {

Result<std::shared_ptr<Accelerator>> open(const CudaOptions& options) noexcept {
  return boundary([&]() -> Result<std::shared_ptr<Accelerator>> {
    Result<std::unique_ptr<CudaDevice>> device = CudaDevice::open(options, mcnc_cuda_kernels);
    if (!device.ok()) return device.status();
    return std::shared_ptr<Accelerator>(std::make_shared<CudaAccelerator>(*std::move(device)));
  });
}

}  // namespace
}  // namespace mcnc::cuda

extern "C" __attribute__((visibility("default")))
const mcnc::CudaLibrary mcnc_cuda_library{mcnc::kCudaLibraryBuild, mcnc::cuda::open};
