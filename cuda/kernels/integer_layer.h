// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Layers of integer arithmetic whose outputs are kept: hidden ones, as inputs of the next layer, and last ones, for the
// fingerprint of a generator. CPU definitions: integer_hidden() of sdk/src/kernels/scalar_integer.cc, fingerprint() of
// sdk/src/model/fingerprint.cc.
//
// Limits (see cuda/FIGURES.md; none was measured): what is stored is small, so that instructions are the limit
// everywhere: 1.8 for four products of int8, one of them a __dp4a, for which a multiprocessor has 64 lanes. An H100
// could make 67e12 products a second, an RTX 4090 83e12 and a Jetson Orin 5e12.
#ifndef MCNC_CUDA_KERNELS_INTEGER_LAYER_H_
#define MCNC_CUDA_KERNELS_INTEGER_LAYER_H_

#include "cuda/kernels/integer_sums.h"
#include "cuda/kernels/pack.h"

namespace mcnc::cuda {

// Calls use(row, column, four outputs) for all rows and, of the columns [first, first + columns), every fourth one.
// first: a multiple of 4.
template <bool kWide, typename Use>
__device__ inline void for_each_output(const IntegerLayer& layer, const int* inputs, unsigned rows, unsigned first,
                                       unsigned columns, const Use& use) {
  const unsigned column = first + (blockIdx.x * blockDim.x + threadIdx.x) * kColumns;
  if (column - first >= columns) return;
  const unsigned step = gridDim.y * blockDim.y * kRows;
  for (unsigned top = (blockIdx.y * blockDim.y + threadIdx.y) * kRows; top < rows; top += step) {
    const int* x[kRows];
    for (unsigned r = 0; r < kRows; ++r) {
      x[r] = inputs + static_cast<std::size_t>(min(top + r, rows - 1)) * words_of<kWide>(layer);
    }
    int acc[kRows][kColumns];
    integer_sums<kWide>(layer, column, x, acc);
    for (unsigned r = 0; r < kRows && top + r < rows; ++r) {
      for (unsigned j = 0; j < kColumns; ++j) acc[r][j] = layer.activate(acc[r][j]);
      use(top + r, column, acc[r]);
    }
  }
}

// (s + 128) >> 8, at most 127 in magnitude: narrow_activation() of sdk/src/arithmetic/sine.h.
template <bool kWide>
__device__ inline void integer_hidden(const IntegerLayer& layer, const int* inputs, unsigned rows, int* out) {
  const unsigned words = layer.stride / kColumns;
  for_each_output<kWide>(layer, inputs, rows, 0, layer.stride, [&](unsigned row, unsigned column, const int(&s)[4]) {
    int h[kColumns];
    for (unsigned j = 0; j < kColumns; ++j) h[j] = max(min((s[j] + 128) >> 8, 127), -127);
    out[static_cast<std::size_t>(row) * words + column / kColumns] = word_of_bytes(h);
  });
}

template <bool kWide>
__device__ inline void integer_outputs(const IntegerLayer& layer, const int* inputs, unsigned rows, unsigned first,
                                       unsigned columns, int* out) {
  for_each_output<kWide>(layer, inputs, rows, first, columns, [&](unsigned row, unsigned column, const int(&g)[4]) {
    for (unsigned j = 0; j < kColumns && column - first + j < columns; ++j) {
      out[static_cast<std::size_t>(row) * columns + (column - first + j)] = g[j];
    }
  });
}

}  // namespace mcnc::cuda

// All outputs of a hidden sine layer for each row of inputs.
//   weights (groups, stride): see mcnc_pack_weights; stride: the width rounded up to a multiple of 4.
//   inputs: (rows, groups) words of int8, or (rows, groups, 2) words of int16.
//   out (rows, stride / 4): words of int8, zeros past the width, which are the inputs of the next layer.
// Grid: x covers stride / 4 threads; y any number of blocks over rows. Blocks: (x, y, 1).
MCNC_KERNEL mcnc_integer_hidden_8(const int* weights, unsigned stride, unsigned groups, unsigned frequency,
                                  const int* inputs, unsigned rows, int* out) {
  mcnc::cuda::integer_hidden<false>({weights, stride, groups, frequency}, inputs, rows, out);
}
MCNC_KERNEL mcnc_integer_hidden_16(const int* weights, unsigned stride, unsigned groups, unsigned frequency,
                                   const int* inputs, unsigned rows, int* out) {
  mcnc::cuda::integer_hidden<true>({weights, stride, groups, frequency}, inputs, rows, out);
}

// Outputs [first, first + columns) of a last layer, for each row of int8 inputs, to out (rows, columns), int32. first:
// a multiple of 4. frequency: 0 for identity. Grid: x covers ceil(columns / 4) threads; y any number of blocks over
// rows.
MCNC_KERNEL mcnc_integer_outputs(const int* weights, unsigned stride, unsigned groups, unsigned frequency,
                                 const int* inputs, unsigned rows, unsigned first, unsigned columns, int* out) {
  mcnc::cuda::integer_outputs<false>({weights, stride, groups, frequency}, inputs, rows, first, columns, out);
}

#endif  // MCNC_CUDA_KERNELS_INTEGER_LAYER_H_
