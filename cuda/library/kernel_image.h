// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The kernels as nvcc compiled them, for several architectures and as PTX: what cuModuleLoadData takes. The
// tests have another one (tests/cuda/driver/kernels.cc).
#ifndef MCNC_CUDA_LIBRARY_KERNEL_IMAGE_H_
#define MCNC_CUDA_LIBRARY_KERNEL_IMAGE_H_

extern "C" const unsigned char mcnc_cuda_kernels[];

#endif  // MCNC_CUDA_LIBRARY_KERNEL_IMAGE_H_
