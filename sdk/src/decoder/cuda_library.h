// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What libmcnc and libmcnc-cuda.so agree on. libmcnc-cuda.so has the kernels and everything that launches them
// (cuda/backend/); libmcnc loads it when a program asks for a GPU. Objects of C++ are passed between the two, and both
// have code for them, so that they must come from the same headers and the same compiler.
#ifndef MCNC_DECODER_CUDA_LIBRARY_H_
#define MCNC_DECODER_CUDA_LIBRARY_H_

#include <memory>

#include "mcnc/accelerator.h"
#include "mcnc/cuda.h"
#include "mcnc/status.h"

namespace mcnc {

// The version, a digest of every header of the library, and the compiler. The build writes it
// (sdk/cuda_library_build.py).
extern const char kCudaLibraryBuild[];

// The only symbol that libmcnc-cuda.so exports is a constant of this type, under this name.
struct CudaLibrary {
  const char* build;  // kCudaLibraryBuild where it was compiled. Stands first in every version.
  Result<std::shared_ptr<Accelerator>> (*open)(const CudaOptions& options) noexcept;
};
inline constexpr char kCudaLibrarySymbol[] = "mcnc_cuda_library";

}  // namespace mcnc

#endif  // MCNC_DECODER_CUDA_LIBRARY_H_
