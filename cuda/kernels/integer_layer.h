// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Layers of integer arithmetic whose outputs are kept: hidden ones, as inputs of the next layer, and last ones, for the
// fingerprint of a generator. CPU definitions: integer_hidden() of sdk/src/kernels/scalar_integer.cc, fingerprint() of
// sdk/src/model/fingerprint.cc.
//
// Limits (see cuda/FIGURES.md; none was measured): what is stored is small. Four products of int8 take 0.09
// instructions, a third of which multiply matrices, and more than a card's matrix units take in: these are the limit,
// at 0.99e15 products a second on an H100, 0.33e15 on an RTX 4090 and 0.042e15 on a Jetson Orin, or the caches, from
// which 0.09 bytes a product come. The NOPs of sm_103 double the instructions.
#ifndef MCNC_CUDA_KERNELS_INTEGER_LAYER_H_
#define MCNC_CUDA_KERNELS_INTEGER_LAYER_H_

#include "cuda/kernels/integer_sums.h"
#include "cuda/kernels/pack.h"

namespace mcnc::cuda {

// Calls use(row, column, accumulators of four outputs) for all rows and, of the columns [first, first + columns), every
// fourth one. With int8 inputs, it does so for the columns up to the next multiple of 32, too.
template <bool kWide, typename Use>
__device__ inline void for_each_sum(const IntegerLayer& layer, const int* inputs, unsigned rows, unsigned first,
                                    unsigned columns, const Use& use) {
  using Tile = IntegerTile<kWide>;
  if (Tile::in_tiles() >= columns) return;
  const unsigned column = first + Tile::in_tiles();
  const unsigned step = gridDim.y * blockDim.y * Tile::kHeight;
  for (unsigned top = (blockIdx.y * blockDim.y + threadIdx.y) * Tile::kHeight; top < rows; top += step) {
    int acc[kRows][kColumns];
    Tile::sums(
        layer, column,
        [&](unsigned i) {
          return inputs + static_cast<std::size_t>(min(top + i, rows - 1)) * Tile::words_of_row(layer);
        },
        acc);
    for (unsigned r = 0; r < kRows; ++r) {
      const unsigned row = top + Tile::row(r);
      if (row < rows) use(row, column + Tile::column(), acc[r]);
    }
  }
}

// (s + 128) >> 8, at most 127 in magnitude: narrow_activation() of sdk/src/arithmetic/sine.h.
template <bool kWide>
__device__ inline void integer_hidden(const IntegerLayer& layer, const int* inputs, unsigned rows, int* out) {
  const unsigned words = layer.stride / kColumns;
  for_each_sum<kWide>(layer, inputs, rows, 0, layer.stride, [&](unsigned row, unsigned column, const int(&acc)[4]) {
    int h[kColumns];
    for (unsigned j = 0; j < kColumns; ++j) h[j] = max(min((layer.activate(acc[j]) + 128) >> 8, 127), -127);
    out[static_cast<std::size_t>(row) * words + column / kColumns] = word_of_bytes(h);
  });
}

template <bool kWide>
__device__ inline void integer_outputs(const IntegerLayer& layer, const int* inputs, unsigned rows, unsigned first,
                                       unsigned columns, int* out) {
  for_each_sum<kWide>(layer, inputs, rows, first, columns, [&](unsigned row, unsigned column, const int(&acc)[4]) {
    for (unsigned j = 0; j < kColumns && column - first + j < columns; ++j) {
      out[static_cast<std::size_t>(row) * columns + (column - first + j)] = layer.activate(acc[j]);
    }
  });
}

}  // namespace mcnc::cuda

// All outputs of a hidden sine layer for each row of inputs.
//   weights (groups, stride): see mcnc_pack_weights; stride: the width rounded up to a multiple of 32; groups: for int8
//     a multiple of 8.
//   inputs: (rows, groups) words of int8, or (rows, groups, 2) words of int16.
//   out (rows, stride / 4): words of int8, zeros past the width, which are the inputs of the next layer.
//   weights and inputs of int8: aligned to 16 bytes.
// Grid: x covers stride threads for int8, in blocks of a multiple of 32, and stride / 4 for int16; y any number of
// blocks over rows. Blocks: (x, y, 1).
MCNC_KERNEL mcnc_integer_hidden_8(const int* weights, unsigned stride, unsigned groups, unsigned frequency,
                                  const int* inputs, unsigned rows, int* out) {
  mcnc::cuda::integer_hidden<false>({weights, stride, groups, frequency}, inputs, rows, out);
}
MCNC_KERNEL mcnc_integer_hidden_16(const int* weights, unsigned stride, unsigned groups, unsigned frequency,
                                   const int* inputs, unsigned rows, int* out) {
  mcnc::cuda::integer_hidden<true>({weights, stride, groups, frequency}, inputs, rows, out);
}

// Outputs [first, first + columns) of a last layer, for each row of int8 inputs, to out (rows, columns), int32. first:
// a multiple of 32. frequency: 0 for identity. Weights, inputs and grid as of mcnc_integer_hidden_8, for the columns.
MCNC_KERNEL mcnc_integer_outputs(const int* weights, unsigned stride, unsigned groups, unsigned frequency,
                                 const int* inputs, unsigned rows, unsigned first, unsigned columns, int* out) {
  mcnc::cuda::integer_outputs<false>({weights, stride, groups, frequency}, inputs, rows, first, columns, out);
}

#endif  // MCNC_CUDA_KERNELS_INTEGER_LAYER_H_
