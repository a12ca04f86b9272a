// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Decoding on a GPU of NVIDIA: an accelerator for DecoderOptions. Nothing of CUDA is needed to compile or link a
// program that calls this; the driver, libcuda.so.1, and the kernels, libmcnc-cuda.so, are looked for when it is
// called.
#ifndef MCNC_CUDA_H_
#define MCNC_CUDA_H_

#include <memory>

#include "mcnc/accelerator.h"
#include "mcnc/status.h"

namespace mcnc {

struct CudaOptions {
  int device = 0;  // its number, as the driver counts those that CUDA_VISIBLE_DEVICES leaves
  // A CUstream or cudaStream_t of the device, in which all work is done and which outlives the accelerator; nullptr: a
  // stream of its own.
  void* stream = nullptr;
};

// The device's primary context is used, which the CUDA runtime and frameworks use too, so that their memory is memory
// for Decoder::decode_range_there. For one thread at a time; every call leaves the thread's current context as it was.
// Errors: kDevice, whose message says what is missing (driver, device, kernels for it) or what CUDA says; kArgument for
// a device number that there is none of; kMemory.
Result<std::shared_ptr<Accelerator>> open_cuda(const CudaOptions& options = {}) noexcept;

}  // namespace mcnc

#endif  // MCNC_CUDA_H_
