// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What the kernels share that take gradients of weights back to gradients of codes. CPU definition:
// CodeExpander::gradients() of sdk/src/encoder/code_expander.cc. What they make is the same up to rounding: they add up
// float32 numbers in an order of their own. A gradient is no weight, and nobody else has to make its bits; one device
// makes the same bits every time.
#ifndef MCNC_CUDA_KERNELS_GRADIENT_H_
#define MCNC_CUDA_KERNELS_GRADIENT_H_

#include "cuda/kernels/device.h"

namespace mcnc::cuda {

// Gradients of outputs in rows of `stride` numbers, of which there are `count` in all; what stands past them is zero.
// Rows of codes begin with code `first`; per_row codes one after the other share a row: the weights of a chunk.
struct GradientRows {
  const float* data;
  std::uint64_t first, stride, count;
  unsigned per_row;

  __device__ std::uint64_t begin(unsigned row) const { return (first + row) / per_row * stride; }
  __device__ float at(std::uint64_t begin, unsigned column) const {
    return begin + column < count ? data[begin + column] : 0.0F;
  }
  // Whether `columns` columns are there, and can be loaded by load_four().
  __device__ bool in_fours(std::uint64_t begin, unsigned columns) const {
    return begin + columns <= count && columns % kColumns == 0 &&
           reinterpret_cast<std::uintptr_t>(data + begin) % sizeof(float4) == 0;
  }
  __device__ void load_four(std::uint64_t begin, unsigned column, float (&four)[kColumns]) const {
    const float4 loaded = *reinterpret_cast<const float4*>(data + begin + column);
    four[0] = loaded.x;
    four[1] = loaded.y;
    four[2] = loaded.z;
    four[3] = loaded.w;
  }
};

// The gradient of a beta: NaN where beta is, which says that its code is not finite.
__device__ inline float gradient_of_beta(float sum, float factor, float beta) {
  return beta == beta ? __fmul_rn(sum, factor) : beta;
}

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_KERNELS_GRADIENT_H_
