// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The last layer of any generator of integer arithmetic, to elements of a tensor. CPU definition: integer_expand() of
// sdk/src/kernels/scalar_integer.cc, then narrow() of scalar_convert.cc.
//
// A thread makes four outputs of four chunks at a time; weights are read once for the four chunks.
//
// Limits (see cuda/FIGURES.md; none was measured): a weight takes 1.8 instructions for four inputs of int8, and some 20
// for its activation and store. A last layer of 64 inputs needs 12 for a byte of float32: instructions are the limit on
// an H100 (at 0.8 of its memory), memory on an RTX 4090, and both on a Jetson Orin. With 256 inputs it needs 34, and
// instructions are the limit on an H100 (0.3) and an Orin (0.4).
#ifndef MCNC_CUDA_KERNELS_EXPAND_INTEGER_H_
#define MCNC_CUDA_KERNELS_EXPAND_INTEGER_H_

#include "cuda/kernels/element.h"
#include "cuda/kernels/integer_sums.h"
#include "cuda/kernels/run.h"

namespace mcnc::cuda {

template <typename Element, bool kWide>
__device__ inline void expand_integer(const IntegerLayer& layer, const int* inputs, const Betas& betas,
                                      const Theta0& theta0, const Run& run, void* out) {
  const unsigned column = (blockIdx.x * blockDim.x + threadIdx.x) * kColumns;
  if (column >= run.width) return;
  const unsigned step = gridDim.y * blockDim.y * kRows;
  for (unsigned slice = blockIdx.z; slice < run.slices; slice += gridDim.z) {
    for (unsigned top = (blockIdx.y * blockDim.y + threadIdx.y) * kRows; top < run.chunks; top += step) {
      float w[kRows][kColumns];
      std::size_t code[kRows];  // the first one of the row's chunk; rows past the last chunk repeat it
      for (unsigned r = 0; r < kRows; ++r) {
        const unsigned chunk = min(top + r, run.chunks - 1);
        load_starts(run, theta0, slice, chunk, column, w[r]);
        code[r] = run.row(slice, chunk) * betas.codes_per_chunk;
      }
      for (unsigned m = 0; m < betas.codes_per_chunk; ++m) {
        const int* x[kRows];
        for (unsigned r = 0; r < kRows; ++r) x[r] = inputs + (code[r] + m) * words_of<kWide>(layer);
        int acc[kRows][kColumns];
        integer_sums<kWide>(layer, column, x, acc);
        for (unsigned r = 0; r < kRows; ++r) {
          float g[kColumns];
          for (unsigned j = 0; j < kColumns; ++j) g[j] = static_cast<float>(layer.activate(acc[r][j]));
          add_scaled(betas.of(code[r] + m), g, w[r]);
        }
      }
      for (unsigned r = 0; r < kRows && top + r < run.chunks; ++r) {
        store_elements<Element>(run, slice, top + r, column, w[r], out);
      }
    }
  }
}

}  // namespace mcnc::cuda

// mcnc_expand_integer_<element type>_<bits of an input>.
//   weights (groups, stride): see mcnc_pack_weights. frequency: 0 for identity.
//   inputs: (rows * codes_per_chunk, groups) words of int8, or (rows * codes_per_chunk, groups, 2) words of int16;
//     rows = (slices - 1) * slice_chunks + chunks.
//   betas to out: as of mcnc_expand_sine_*.
// Grid: x covers ceil(width / 4) threads; y any number of blocks over chunks, z over slices. Blocks: (x, y, 1).
#define MCNC_EXPAND_INTEGER(name, Element, is_wide)                                                             \
  MCNC_KERNEL name(const int* weights, unsigned stride, unsigned groups, unsigned frequency, const int* inputs, \
                   const float* betas, unsigned beta_step, unsigned codes_per_chunk, const float* starts,       \
                   float constant, unsigned width, unsigned begin, unsigned count, unsigned chunks,             \
                   unsigned slice_chunks, unsigned slices, void* out) {                                         \
    mcnc::cuda::expand_integer<mcnc::cuda::Element, is_wide>(                                                   \
        {weights, stride, groups, frequency}, inputs, {betas, beta_step, codes_per_chunk}, {starts, constant},  \
        {width, begin, count, chunks, slice_chunks, slices}, out);                                              \
  }

MCNC_EXPAND_INTEGER(mcnc_expand_integer_f32_8, ElementF32, false)
MCNC_EXPAND_INTEGER(mcnc_expand_integer_f32_16, ElementF32, true)
MCNC_EXPAND_INTEGER(mcnc_expand_integer_f16_8, ElementF16, false)
MCNC_EXPAND_INTEGER(mcnc_expand_integer_f16_16, ElementF16, true)
MCNC_EXPAND_INTEGER(mcnc_expand_integer_bf16_8, ElementBf16, false)
MCNC_EXPAND_INTEGER(mcnc_expand_integer_bf16_16, ElementBf16, true)
#undef MCNC_EXPAND_INTEGER

#endif  // MCNC_CUDA_KERNELS_EXPAND_INTEGER_H_
