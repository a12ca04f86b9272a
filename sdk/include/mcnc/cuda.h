// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// An NVIDIA GPU as an accelerator, for DecoderOptions and for CodeExpander::create. Neither the CUDA toolkit nor a
// driver is needed to build or run a program that includes this. All of that is in a library of its own,
// libmcnc-cuda.so, which the build makes together with this one where -Dcuda=enabled asks for that. open_cuda loads it,
// and it loads the driver, libcuda.so.1; what is missing is said in the status. It is looked for where the system looks
// for libraries, or is the file that the environment variable MCNC_CUDA_LIBRARY names.
#ifndef MCNC_CUDA_H_
#define MCNC_CUDA_H_

#include <memory>

#include "mcnc/accelerator.h"
#include "mcnc/status.h"

namespace mcnc {

struct CudaOptions {
  int device = 0;  // its number, as the driver counts those that CUDA_VISIBLE_DEVICES leaves
  // A CUstream or cudaStream_t of that device, in which all copies and launches are made and which outlives the
  // accelerator; CU_STREAM_LEGACY (1) is the one that programs use which name none. nullptr: a stream of its own, which
  // no other stream waits for.
  void* stream = nullptr;
};

// Whether libmcnc-cuda.so is there and was built together with this library, which open_cuda needs first. The answer is
// the same as long as the process lives. kDevice, whose message says what is wrong.
Status find_cuda() noexcept;

// Opens a GPU. Its primary context is used, the one of the CUDA runtime and of frameworks, so that their memory can be
// the output of Decoder::decode_to_device. Every call leaves the thread's current context as it found it. Work is put
// into the stream without waiting for it, except where a call says that it waits.
// Errors: kDevice, whose message says what is missing (libmcnc-cuda, the driver, a device, kernels for it) or what CUDA
// says; kArgument where there is no device of that number, or the stream belongs to another device; kMemory.
Result<std::shared_ptr<Accelerator>> open_cuda(const CudaOptions& options = {}) noexcept;

}  // namespace mcnc

#endif  // MCNC_CUDA_H_
