// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The last layer of a generator of float32 arithmetic without unit norm, to elements of a tensor, and low-rank
// products: a product is an identity layer whose weights are A and whose inputs are the rows of B. CPU definitions:
// float_layer() and add_scaled() of sdk/src/kernels/scalar_float.cc, ProductTiles of sdk/src/decoder/product_tiles.cc,
// then narrow() of scalar_convert.cc.
//
// Limits (see cuda/FIGURES.md; none was measured): a product of a weight and an input takes 2.3 instructions, a sine
// and its store some 20. Of float32, memory is the limit on an H100 up to some 8 inputs, on an RTX 4090 up to 60, on a
// Jetson Orin up to 14. From there on instructions are: an H100 could make 15e12 products a second, a 4090 18e12, an
// Orin 1.2e12.
#ifndef MCNC_CUDA_KERNELS_EXPAND_FLOAT_H_
#define MCNC_CUDA_KERNELS_EXPAND_FLOAT_H_

#include "cuda/kernels/element.h"
#include "cuda/kernels/float_sums.h"
#include "cuda/kernels/run.h"

namespace mcnc::cuda {

// layer: columns [first_column, first_column + columns) of the chunk.
template <typename Element>
__device__ inline void expand_float(const FloatLayer& layer, unsigned first_column, unsigned columns,
                                    const FloatInputs& inputs, const Betas& betas, const Theta0& theta0, const Run& run,
                                    void* out) {
  constexpr unsigned kRows = 4;
  const unsigned local = (blockIdx.x * blockDim.x + threadIdx.x) * kColumns;
  if (local >= columns) return;
  const unsigned column = first_column + local;
  const unsigned step = gridDim.y * blockDim.y * kRows;
  for (unsigned slice = blockIdx.z; slice < run.slices; slice += gridDim.z) {
    for (unsigned top = (blockIdx.y * blockDim.y + threadIdx.y) * kRows; top < run.chunks; top += step) {
      float w[kRows][kColumns];
      std::size_t code[kRows];
      for (unsigned r = 0; r < kRows; ++r) {
        const unsigned chunk = min(top + r, run.chunks - 1);
        load_starts(run, theta0, slice, chunk, column, w[r]);
        code[r] = run.row(slice, chunk) * betas.codes_per_chunk;
      }
      for (unsigned m = 0; m < betas.codes_per_chunk; ++m) {
        float g[kRows][kColumns];
        float_outputs<kRows>(layer, local, inputs, code, g);
        for (unsigned r = 0; r < kRows; ++r) add_scaled(betas.of(code[r]++), g[r], w[r]);
      }
      for (unsigned r = 0; r < kRows && top + r < run.chunks; ++r) {
        store_elements<Element>(run, slice, top + r, column, w[r], out);
      }
    }
  }
}

}  // namespace mcnc::cuda

// mcnc_expand_float_<element type>.
//   weights (inputs, stride), bias (stride) or nullptr: of the columns [first_column, first_column + columns) of a
//   chunk,
//     stride and first_column multiples of 4.
//   x: input i of code c is x[i * x_step + c * x_code_step], c below rows * codes_per_chunk;
//     rows = (slices - 1) * slice_chunks + chunks.
//   betas to out: as of mcnc_expand_sine_*. Elements of other columns stay as they are.
// Grid: x covers ceil(columns / 4) threads; y any number of blocks over chunks, z over slices. Blocks: (x, y, 1).
#define MCNC_EXPAND_FLOAT(name, Element)                                                                         \
  MCNC_KERNEL name(const float* weights, unsigned stride, unsigned inputs, const float* bias, unsigned is_sine,  \
                   float turns, unsigned first_column, unsigned columns, const float* x, std::uint64_t x_step,   \
                   std::uint64_t x_code_step, const float* betas, unsigned beta_step, unsigned codes_per_chunk,  \
                   const float* starts, float constant, unsigned width, unsigned begin, unsigned count,          \
                   unsigned chunks, unsigned slice_chunks, unsigned slices, void* out) {                         \
    mcnc::cuda::expand_float<mcnc::cuda::Element>({weights, stride, inputs, bias, is_sine, turns}, first_column, \
                                                  columns, {x, x_step, x_code_step},                             \
                                                  {betas, beta_step, codes_per_chunk}, {starts, constant},       \
                                                  {width, begin, count, chunks, slice_chunks, slices}, out);     \
  }

MCNC_EXPAND_FLOAT(mcnc_expand_float_f32, ElementF32)
MCNC_EXPAND_FLOAT(mcnc_expand_float_f16, ElementF16)
MCNC_EXPAND_FLOAT(mcnc_expand_float_bf16, ElementBf16)
#undef MCNC_EXPAND_FLOAT

#endif  // MCNC_CUDA_KERNELS_EXPAND_FLOAT_H_
