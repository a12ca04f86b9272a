// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Gradients through one layer of any generator of integer arithmetic, which has sine layers only, in two steps: from
// its outputs to its accumulators (mcnc_gradient_layer_*), and from these to its inputs (mcnc_gradient_back); and the
// gradient of beta, by the same first step and a sum (mcnc_gradient_sums). CPU definition:
// DifferentiableGenerator::backward() of sdk/src/encoder/vjp.cc; see gradient.h.
//
// Limits (see cuda/FIGURES.md; none was measured): the first step makes the products of integer_layer.h, and stores
// four bytes for an output. The second step loads them, and takes 2.6 instructions for each product of an output and an
// input. With ten or more inputs these are most of the work, and instructions are the limit.
#ifndef MCNC_CUDA_KERNELS_GRADIENT_LAYER_H_
#define MCNC_CUDA_KERNELS_GRADIENT_LAYER_H_

#include "cuda/kernels/gradient.h"
#include "cuda/kernels/integer_layer.h"
#include "cuda/kernels/lane_sums.h"

namespace mcnc::cuda {

template <bool kWide>
__device__ inline void gradient_layer(const IntegerLayer& layer, const int* inputs, unsigned rows, unsigned width,
                                      unsigned angle, float factor, const GradientRows& gradient, float* out) {
  for_each_sum<kWide>(layer, inputs, rows, 0, layer.stride, [&](unsigned row, unsigned column, const int(&acc)[4]) {
    const std::uint64_t begin = gradient.begin(row);
    float four[kColumns];
    for (unsigned j = 0; j < kColumns; ++j) {
      const int sine = sine_of_angle(layer.frequency * static_cast<unsigned>(acc[j]) + angle);
      const float scaled = __fmul_rn(static_cast<float>(sine), factor);
      four[j] = column + j < width ? __fmul_rn(gradient.at(begin, column + j), scaled) : 0.0F;
    }
    *reinterpret_cast<float4*>(out + static_cast<std::size_t>(row) * layer.stride + column) =
        make_float4(four[0], four[1], four[2], four[3]);
  });
}

// Eight inputs of four rows, a warp's: what lane `lane` adds up of them, of every 32nd two outputs.
inline constexpr unsigned kBackRows = 4;
inline constexpr unsigned kBackInputs = 8;

__device__ inline void add_back(const int* __restrict__ weights, unsigned stride, unsigned group,
                                const float* const (&values)[kBackRows], unsigned lane,
                                float (&sums)[kBackRows * kBackInputs]) {
  for (float& sum : sums) sum = 0;
  for (unsigned column = 2 * lane; column < stride; column += 2 * kLanes) {
    const int4 four = *fours_of_weights(weights, stride, group, column);
    const int words[2][2] = {{four.x, four.y}, {four.z, four.w}};  // of two groups, by two columns
    for (unsigned j = 0; j < 2; ++j) {
      for (unsigned i = 0; i < kBackInputs; ++i) {
        const float weight = float_of_byte(words[i / 4][j], i % 4);
        for (unsigned r = 0; r < kBackRows; ++r) {
          float& sum = sums[r * kBackInputs + i];
          sum = __fmaf_rn(values[r][column + j], weight, sum);
        }
      }
    }
  }
}

}  // namespace mcnc::cuda

// Gradients of outputs, times the sine of the layer's accumulators or its slope, to out (rows, stride), zeros past
// `width`.
//   weights (groups, stride), inputs (rows, groups) or (rows, groups, 2): as of mcnc_integer_hidden_*.
//   angle: what is added to each accumulator's, in units of 2^-32 turn: 0 for the sine, a quarter turn for its slope.
//   factor: what each is multiplied by.
//   gradient (count): row r of the codes, which begin with code `first`, is at (first + r) / per_row * row_stride.
//   out: aligned to 16 bytes.
// Grid: as of mcnc_integer_hidden_*.
#define MCNC_GRADIENT_LAYER(name, is_wide)                                                                             \
  MCNC_KERNEL name(const int* weights, unsigned stride, unsigned groups, unsigned frequency, const int* inputs,        \
                   unsigned rows, unsigned width, unsigned angle, float factor, const float* gradient,                 \
                   std::uint64_t first, std::uint64_t row_stride, std::uint64_t count, unsigned per_row, float* out) { \
    mcnc::cuda::gradient_layer<is_wide>({weights, stride, groups, frequency}, inputs, rows, width, angle, factor,      \
                                        {gradient, first, row_stride, count, per_row}, out);                           \
  }

MCNC_GRADIENT_LAYER(mcnc_gradient_layer_8, false)
MCNC_GRADIENT_LAYER(mcnc_gradient_layer_16, true)
#undef MCNC_GRADIENT_LAYER

// Gradients of a layer's accumulators, values (rows, stride), aligned to 8 bytes, to those of its inputs, out (rows,
// n_in): times `factor`, and times betas (rows) unless that is nullptr.
//   weights (groups, stride): see mcnc_pack_weights, aligned to 16 bytes.
// Grid: x ceil(n_in / 8) blocks; y any number of blocks over rows by fours, z 1. Blocks: (32, y, 1).
MCNC_KERNEL mcnc_gradient_back(const int* weights, unsigned stride, unsigned n_in, const float* values, unsigned rows,
                               const float* betas, float factor, float* out) {
  using namespace mcnc::cuda;
  const unsigned first = blockIdx.x * kBackInputs;
  const unsigned step = gridDim.y * blockDim.y * kBackRows;
  for (unsigned top = (blockIdx.y * blockDim.y + threadIdx.y) * kBackRows; top < rows; top += step) {
    const float* of_rows[kBackRows];
    for (unsigned r = 0; r < kBackRows; ++r) {
      of_rows[r] = values + static_cast<std::size_t>(min(top + r, rows - 1)) * stride;
    }
    float sums[kBackRows * kBackInputs];
    const bool has_sums = sums_of_lanes(sums, [&](unsigned lane, float(&parts)[kBackRows * kBackInputs]) {
      add_back(weights, stride, first / 4, of_rows, lane, parts);
    });
    if (!has_sums) continue;
    for (unsigned r = 0; r < kBackRows; ++r) {
      for (unsigned i = 0; i < kBackInputs; ++i) {
        if (top + r >= rows || first + i >= n_in) continue;
        const float scale = betas == nullptr ? factor : __fmul_rn(factor, betas[top + r]);
        out[static_cast<std::size_t>(top + r) * n_in + first + i] = __fmul_rn(sums[r * kBackInputs + i], scale);
      }
    }
  }
}

// The gradients of beta, out (rows), of the products of gradient and sine, values (rows, stride): their sums times
// `factor`. betas (rows): of these codes.
// Grid: y any number of blocks over rows, x and z 1. Blocks: (32, y, 1).
MCNC_KERNEL mcnc_gradient_sums(const float* values, unsigned stride, unsigned rows, const float* betas, float factor,
                               float* out) {
  using namespace mcnc::cuda;
  for (unsigned row = blockIdx.y * blockDim.y + threadIdx.y; row < rows; row += gridDim.y * blockDim.y) {
    const float* const of_row = values + static_cast<std::size_t>(row) * stride;
    float sums[1];
    const bool has_sums = sums_of_lanes(sums, [&](unsigned lane, float(&parts)[1]) {
      parts[0] = 0;
      for (unsigned column = lane; column < stride; column += kLanes) parts[0] = __fadd_rn(parts[0], of_row[column]);
    });
    if (has_sums) out[row] = gradient_of_beta(sums[0], factor, betas[row]);
  }
}

#endif  // MCNC_CUDA_KERNELS_GRADIENT_LAYER_H_
