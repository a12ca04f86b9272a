// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Layers of float32 arithmetic whose outputs are kept: hidden ones, and last ones whose norm is needed or which are
// hashed for the fingerprint. CPU definition: float_layer() of sdk/src/kernels/scalar_float.cc.
//
// Limits: those of expand_float.h, with nothing but instructions where a layer has hundreds of inputs.
#ifndef MCNC_CUDA_KERNELS_FLOAT_LAYER_H_
#define MCNC_CUDA_KERNELS_FLOAT_LAYER_H_

#include "cuda/kernels/float_sums.h"

// y[row * y_stride + c] is output c of each row of inputs, for c below columns.
//   weights (inputs, stride), bias (stride) or nullptr: of these columns, stride a multiple of 4.
//   x: input i of row r is x[i * x_step + r * x_row_step].
// Grid: x covers ceil(columns / 4) threads; y any number of blocks over rows. Blocks: (x, y, 1).
MCNC_KERNEL mcnc_float_layer(const float* weights, unsigned stride, unsigned inputs, const float* bias,
                             unsigned is_sine, float turns, const float* x, std::uint64_t x_step,
                             std::uint64_t x_row_step, unsigned rows, unsigned columns, float* y,
                             std::uint64_t y_stride) {
  constexpr unsigned kRows = 4;
  const unsigned column = (blockIdx.x * blockDim.x + threadIdx.x) * mcnc::cuda::kColumns;
  if (column >= columns) return;
  const unsigned step = gridDim.y * blockDim.y * kRows;
  for (unsigned top = (blockIdx.y * blockDim.y + threadIdx.y) * kRows; top < rows; top += step) {
    std::size_t row[kRows];
    for (unsigned r = 0; r < kRows; ++r) row[r] = min(top + r, rows - 1);
    float out[kRows][mcnc::cuda::kColumns];
    mcnc::cuda::float_outputs<kRows>({weights, stride, inputs, bias, is_sine, turns}, column, {x, x_step, x_row_step},
                                     row, out);
    for (unsigned r = 0; r < kRows && top + r < rows; ++r) {
      for (unsigned j = 0; j < mcnc::cuda::kColumns && column + j < columns; ++j) {
        y[row[r] * y_stride + column + j] = out[r][j];
      }
    }
  }
}

#endif  // MCNC_CUDA_KERNELS_FLOAT_LAYER_H_
