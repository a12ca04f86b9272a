// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Chunks that are divided by their norm. CPU definition: normalize() of sdk/src/arithmetic/unit_norm.h, then
// add_scaled() of sdk/src/kernels/scalar_float.cc and narrow() of scalar_convert.cc. The sixteen partial sums of a row
// are made by a thread each, and a second launch adds them up, so that threads never wait for each other.
//
// Limits (see cuda/FIGURES.md; none was measured): expand_rows reads the float32 outputs that mcnc_float_layer has
// stored, and stores a weight; with 27 instructions for eight bytes memory is the limit on an H100, an RTX 4090 and a
// Jetson Orin. The norms are sums in a stated order, 9 instructions for four bytes.
#ifndef MCNC_CUDA_KERNELS_UNIT_NORM_H_
#define MCNC_CUDA_KERNELS_UNIT_NORM_H_

#include "cuda/kernels/element.h"
#include "cuda/kernels/run.h"

namespace mcnc::cuda {

inline constexpr unsigned kPartialSums = 16;

// Leaves y as it is where the norm is 0.
__device__ inline float divided(float y, float norm) { return norm == 0.0F ? y : __fdiv_rn(y, norm); }

template <typename Element>
__device__ inline void expand_rows(const float* y, std::uint64_t y_stride, const float* norms, const Betas& betas,
                                   const Theta0& theta0, const Run& run, void* out) {
  const unsigned column = (blockIdx.x * blockDim.x + threadIdx.x) * kColumns;
  if (column >= run.width) return;
  for (unsigned slice = blockIdx.z; slice < run.slices; slice += gridDim.z) {
    for (unsigned chunk = blockIdx.y * blockDim.y + threadIdx.y; chunk < run.chunks; chunk += gridDim.y * blockDim.y) {
      float w[kColumns];
      load_starts(run, theta0, slice, chunk, column, w);
      const std::size_t first = run.row(slice, chunk) * betas.codes_per_chunk;
      for (std::size_t code = first; code < first + betas.codes_per_chunk; ++code) {
        float g[kColumns] = {0.0F, 0.0F, 0.0F, 0.0F};
        for (unsigned j = 0; j < kColumns && column + j < run.width; ++j) {
          g[j] = divided(y[code * y_stride + column + j], norms[code]);
        }
        add_scaled(betas.of(code), g, w);
      }
      store_elements<Element>(run, slice, chunk, column, w, out);
    }
  }
}

}  // namespace mcnc::cuda

// sums[16 * row + l] is the sum of the squares of y[row * y_stride + j], for j = l, l + 16, ... below width.
// Grid: any, of one dimension.
MCNC_KERNEL mcnc_norm_sums(const float* y, std::uint64_t y_stride, unsigned width, unsigned rows, float* sums) {
  const std::uint64_t all = static_cast<std::uint64_t>(rows) * mcnc::cuda::kPartialSums;
  for (std::uint64_t at = mcnc::cuda::thread_of_grid(); at < all; at += mcnc::cuda::threads_of_grid()) {
    const float* row = y + at / mcnc::cuda::kPartialSums * y_stride;
    float sum = 0.0F;
    for (auto j = static_cast<unsigned>(at % mcnc::cuda::kPartialSums); j < width; j += mcnc::cuda::kPartialSums) {
      sum = __fmaf_rn(row[j], row[j], sum);
    }
    sums[at] = sum;
  }
}

// norms[row] is the square root of the sum of sums[16 * row] to sums[16 * row + 15], added 8 apart, 4, 2, 1.
// Grid: any, of one dimension.
MCNC_KERNEL mcnc_norms(const float* sums, unsigned rows, float* norms) {
  for (std::uint64_t row = mcnc::cuda::thread_of_grid(); row < rows; row += mcnc::cuda::threads_of_grid()) {
    float sum[mcnc::cuda::kPartialSums];
    for (unsigned l = 0; l < mcnc::cuda::kPartialSums; ++l) sum[l] = sums[row * mcnc::cuda::kPartialSums + l];
    for (unsigned l = 0; l < 8; ++l) sum[l] = __fadd_rn(sum[l], sum[l + 8]);
    for (unsigned l = 0; l < 4; ++l) sum[l] = __fadd_rn(sum[l], sum[l + 4]);
    for (unsigned l = 0; l < 2; ++l) sum[l] = __fadd_rn(sum[l], sum[l + 2]);
    norms[row] = __fsqrt_rn(__fadd_rn(sum[0], sum[1]));
  }
}

// y[row * y_stride + j] is divided by norms[row], for j below width. Grid: any, of one dimension.
MCNC_KERNEL mcnc_divide(float* y, std::uint64_t y_stride, unsigned width, unsigned rows, const float* norms) {
  const std::uint64_t all = static_cast<std::uint64_t>(rows) * width;
  for (std::uint64_t at = mcnc::cuda::thread_of_grid(); at < all; at += mcnc::cuda::threads_of_grid()) {
    float& value = y[at / width * y_stride + at % width];
    value = mcnc::cuda::divided(value, norms[at / width]);
  }
}

// mcnc_expand_rows_<element type>: outputs y (rows * codes_per_chunk, y_stride), float32, divided by norms (rows *
// codes_per_chunk), to elements. betas to out, and the grid: as of mcnc_expand_sine_*.
#define MCNC_EXPAND_ROWS(name, Element)                                                                                \
  MCNC_KERNEL name(const float* y, std::uint64_t y_stride, const float* norms, const float* betas, unsigned beta_step, \
                   unsigned codes_per_chunk, const float* starts, float constant, unsigned width, unsigned begin,      \
                   unsigned count, unsigned chunks, unsigned slice_chunks, unsigned slices, void* out) {               \
    mcnc::cuda::expand_rows<mcnc::cuda::Element>(y, y_stride, norms, {betas, beta_step, codes_per_chunk},              \
                                                 {starts, constant},                                                   \
                                                 {width, begin, count, chunks, slice_chunks, slices}, out);            \
  }

MCNC_EXPAND_ROWS(mcnc_expand_rows_f32, ElementF32)
MCNC_EXPAND_ROWS(mcnc_expand_rows_f16, ElementF16)
MCNC_EXPAND_ROWS(mcnc_expand_rows_bf16, ElementBf16)
#undef MCNC_EXPAND_ROWS

#endif  // MCNC_CUDA_KERNELS_UNIT_NORM_H_
