// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// libmcnc-cuda.so, which has the kernels as nvcc compiled them, for several architectures and as PTX.
#ifndef MCNC_CUDA_BACKEND_KERNEL_LIBRARY_H_
#define MCNC_CUDA_BACKEND_KERNEL_LIBRARY_H_

#include "mcnc/status.h"

namespace mcnc::cuda {

// What cuModuleLoadData takes. Loaded at the first call and kept. The library is the file that the environment variable
// MCNC_CUDA_LIBRARY names, else it is looked for where libraries are. kDevice where it is not there, or of another
// version than this program.
Result<const void*> find_kernel_image();

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_BACKEND_KERNEL_LIBRARY_H_
