// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What every kernel source begins with. nvcc compiles the kernels for devices; a host compiler compiles the same
// sources with the shim, which runs them on the CPU (cuda/shim/shim.h).
#ifndef MCNC_CUDA_KERNELS_DEVICE_H_
#define MCNC_CUDA_KERNELS_DEVICE_H_

#include <cstddef>
#include <cstdint>

#ifndef __CUDACC__
#include "cuda/shim/shim.h"
#endif

// A kernel: C linkage, so that its name in PTX is its name here; parameters are pointers and numbers, no structs.
#define MCNC_KERNEL extern "C" __global__ void

namespace mcnc::cuda {

// Columns of a chunk that one thread makes: as many float32 as one 16-byte store holds.
inline constexpr unsigned kColumns = 4;

// Of a grid of one dimension: which thread this is, and how many there are. Kernels that take any such grid go through
// their work in steps of that number.
__device__ inline std::uint64_t thread_of_grid() {
  return static_cast<std::uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ inline std::uint64_t threads_of_grid() { return static_cast<std::uint64_t>(gridDim.x) * blockDim.x; }

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_KERNELS_DEVICE_H_
