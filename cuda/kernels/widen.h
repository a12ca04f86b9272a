// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Elements of a tensor to float32, and whether they are in range. CPU definitions: widen() of
// sdk/src/kernels/scalar_convert.cc, load_factor() of sdk/src/decoder/tensor_decoder.cc.
//
// Limits (see cuda/FIGURES.md; none was measured): 75 instructions for eight bytes, most of them the division of a
// 64-bit number; it runs once for the factors of low-rank products, which are small.
#ifndef MCNC_CUDA_KERNELS_WIDEN_H_
#define MCNC_CUDA_KERNELS_WIDEN_H_

#include "cuda/kernels/device.h"
#include "cuda/kernels/element.h"

namespace mcnc::cuda {

template <typename Element>
__device__ inline void widen(const void* in, std::uint64_t rows, unsigned columns, unsigned stride, float* out) {
  const auto* elements = static_cast<const typename Element::Stored*>(in);
  for (std::uint64_t at = thread_of_grid(); at < rows * stride; at += threads_of_grid()) {
    const auto column = static_cast<unsigned>(at % stride);
    out[at] = column < columns ? Element::widened(elements[at / stride * columns + column]) : 0.0F;
  }
}

}  // namespace mcnc::cuda

// in (rows, columns), elements of the type, to out (rows, stride), float32, zeros past the columns. Grid: any, of one
// dimension.
MCNC_KERNEL mcnc_widen_f32(const void* in, std::uint64_t rows, unsigned columns, unsigned stride, float* out) {
  mcnc::cuda::widen<mcnc::cuda::ElementF32>(in, rows, columns, stride, out);
}
MCNC_KERNEL mcnc_widen_f16(const void* in, std::uint64_t rows, unsigned columns, unsigned stride, float* out) {
  mcnc::cuda::widen<mcnc::cuda::ElementF16>(in, rows, columns, stride, out);
}
MCNC_KERNEL mcnc_widen_bf16(const void* in, std::uint64_t rows, unsigned columns, unsigned stride, float* out) {
  mcnc::cuda::widen<mcnc::cuda::ElementBf16>(in, rows, columns, stride, out);
}

// *found becomes 1 where a value is not finite or above `largest` in magnitude. Grid: any, of one dimension.
MCNC_KERNEL mcnc_find_large(const float* values, std::uint64_t count, float largest, unsigned* found) {
  for (std::uint64_t at = mcnc::cuda::thread_of_grid(); at < count; at += mcnc::cuda::threads_of_grid()) {
    const float magnitude = __uint_as_float(__float_as_uint(values[at]) & 0x7FFFFFFFU);
    if (!(magnitude <= largest)) atomicOr(found, 1U);
  }
}

#endif  // MCNC_CUDA_KERNELS_WIDEN_H_
