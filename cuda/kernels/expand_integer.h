// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The last layer of any generator of integer arithmetic, to elements of a tensor. CPU definition: integer_expand() of
// sdk/src/kernels/scalar_integer.cc, then narrow() of scalar_convert.cc.
//
// A thread makes four outputs of four chunks at a time, of inputs of int8 with the other threads of its warp, which
// reads weights once for 16 chunks; see integer_sums.h.
//
// Limits (see cuda/FIGURES.md; none was measured): on sm_90 a float32 weight takes 0.16 instructions for four inputs
// of int8, and 31 for its sine, its product with beta, its store, and what 16 weights share of the way there.
// With 64 inputs that is 8.3 for a byte: memory is the limit on an H100, an RTX 4090 and a Jetson Orin. With 256 inputs
// it is 10.2: memory on a 4090 and an Orin, both on an H100. Weights and inputs come from the caches, 0.09 bytes a
// product.
#ifndef MCNC_CUDA_KERNELS_EXPAND_INTEGER_H_
#define MCNC_CUDA_KERNELS_EXPAND_INTEGER_H_

#include "cuda/kernels/element.h"
#include "cuda/kernels/integer_sums.h"
#include "cuda/kernels/run.h"

namespace mcnc::cuda {

template <typename Element, bool kWide>
__device__ inline void expand_integer(const IntegerLayer& layer, const int* inputs, const Betas& betas,
                                      const Theta0& theta0, const Run& run, void* out) {
  using Tile = IntegerTile<kWide>;
  if (Tile::in_tiles() >= run.width) return;
  const unsigned column = Tile::in_tiles() + Tile::column();
  const unsigned step = gridDim.y * blockDim.y * Tile::kHeight;
  for (unsigned slice = blockIdx.z; slice < run.slices; slice += gridDim.z) {
    for (unsigned top = (blockIdx.y * blockDim.y + threadIdx.y) * Tile::kHeight; top < run.chunks; top += step) {
      // Code m of the chunk in row i of the tile; rows past the last chunk repeat it.
      const auto code_of = [&](unsigned i, unsigned m) {
        return run.row(slice, min(top + i, run.chunks - 1)) * betas.codes_per_chunk + m;
      };
      float w[kRows][kColumns];
      for (unsigned r = 0; r < kRows; ++r) {
        // Rows past the last chunk have no elements; Run::has does not know them.
        for (unsigned j = 0; j < kColumns; ++j) w[r][j] = theta0.constant;
        const unsigned chunk = top + Tile::row(r);
        if (chunk < run.chunks) load_starts(run, theta0, slice, chunk, column, w[r]);
      }
      for (unsigned m = 0; m < betas.codes_per_chunk; ++m) {
        int acc[kRows][kColumns];
        Tile::sums(
            layer, Tile::in_tiles(), [&](unsigned i) { return inputs + code_of(i, m) * Tile::words_of_row(layer); },
            acc);
        for (unsigned r = 0; r < kRows; ++r) {
          float g[kColumns];
          for (unsigned j = 0; j < kColumns; ++j) g[j] = static_cast<float>(layer.activate(acc[r][j]));
          add_scaled(betas.of(code_of(Tile::row(r), m)), g, w[r]);
        }
      }
      for (unsigned r = 0; r < kRows; ++r) {
        const unsigned chunk = top + Tile::row(r);
        if (chunk < run.chunks) store_elements<Element>(run, slice, chunk, column, w[r], out);
      }
    }
  }
}

}  // namespace mcnc::cuda

// mcnc_expand_integer_<element type>_<bits of an input>.
//   weights (groups, stride): see mcnc_pack_weights. stride: the width rounded up to a multiple of 32.
//     groups: for int8 a multiple of 8. frequency: 0 for identity.
//   inputs: (rows * codes_per_chunk, groups) words of int8, or (rows * codes_per_chunk, groups, 2) words of int16;
//     rows = (slices - 1) * slice_chunks + chunks. Weights, and inputs of int8: aligned to 16 bytes.
//   betas to out: as of mcnc_expand_sine_*.
// Grid: x covers width threads for int8, in blocks of a multiple of 32, and ceil(width / 4) for int16; y any number of
// blocks over chunks, z over slices. Blocks: (x, y, 1).
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
