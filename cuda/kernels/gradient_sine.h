// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Gradients of codes of a generator that is one sine layer with int8 codes of at most 16 numbers: gradients of weights
// to gradients of codes in one step, which reads each gradient of a weight once. See gradient.h.
//
// A warp makes one code: its lanes go through the weights of the chunk by fours, and add up what they have at the end.
//
// Limits (see cuda/FIGURES.md; none was measured): a weight of a code of nine numbers takes 77 instructions on sm_90: 3
// for the products, 26 for a sine and its slope, 27 for twelve weights of the generator as float32, 13 multiply-adds,
// and 8 for two numbers as float32, their products and the loop. That is 19 for a byte of gradient: instructions are
// the limit on an H100 and a Jetson Orin, memory on an RTX 4090.
#ifndef MCNC_CUDA_KERNELS_GRADIENT_SINE_H_
#define MCNC_CUDA_KERNELS_GRADIENT_SINE_H_

#include "cuda/kernels/device_sine.h"
#include "cuda/kernels/gradient.h"
#include "cuda/kernels/lane_sums.h"
#include "cuda/kernels/pack.h"

namespace mcnc::cuda {

// sums[i] += gradient * slope * weight of input i, and sums[4 * kGroups] += gradient * sine, of four weights from
// `column` on.
template <int kGroups>
__device__ inline void add_gradients(const int* __restrict__ weights, unsigned stride, unsigned frequency,
                                     const int (&code)[kGroups], unsigned column, const float (&gradient)[kColumns],
                                     float (&sums)[4 * kGroups + 1]) {
  int words[kGroups][kColumns];
  for (int g = 0; g < kGroups; g += 2) {
    int two[2][kColumns];
    load_weights(weights, stride, g, column, two);
    for (int i = 0; i < 2 && g + i < kGroups; ++i) {
      for (unsigned j = 0; j < kColumns; ++j) words[g + i][j] = two[i][j];
    }
  }
  for (unsigned j = 0; j < kColumns; ++j) {
    int acc = 0;
    for (int g = 0; g < kGroups; ++g) acc = __dp4a(words[g][j], code[g], acc);
    const unsigned angle = frequency * static_cast<unsigned>(acc);
    float& of_beta = sums[4 * kGroups];
    of_beta = __fmaf_rn(gradient[j], static_cast<float>(sine_of_angle(angle)), of_beta);
    const float delta = __fmul_rn(gradient[j], static_cast<float>(sine_of_angle(angle + kQuarterTurn)));
    for (int g = 0; g < kGroups; ++g) {
      for (unsigned i = 0; i < 4; ++i) {
        sums[4 * g + i] = __fmaf_rn(delta, float_of_byte(words[g][j], i), sums[4 * g + i]);
      }
    }
  }
}

// The part of a lane: adds to its sums every 32nd four weights of a chunk. kInFours: see GradientRows::in_fours.
template <bool kInFours, int kGroups>
__device__ inline void add_chunk(const int* __restrict__ weights, unsigned stride, unsigned frequency,
                                 const int (&code)[kGroups], unsigned width, const GradientRows& gradient,
                                 std::uint64_t begin, unsigned lane, float (&sums)[4 * kGroups + 1]) {
  for (unsigned column = lane * kColumns; column < width; column += kLanes * kColumns) {
    float four[kColumns];
    if constexpr (kInFours) {
      gradient.load_four(begin, column, four);
    } else {
      for (unsigned j = 0; j < kColumns; ++j) four[j] = column + j < width ? gradient.at(begin, column + j) : 0.0F;
    }
    add_gradients<kGroups>(weights, stride, frequency, code, column, four, sums);
  }
}

template <int kGroups>
__device__ inline void gradient_sine(const int* __restrict__ weights, unsigned stride, unsigned frequency,
                                     const int* __restrict__ codes, unsigned rows, unsigned width, unsigned code_dim,
                                     const GradientRows& gradient, const float* betas, float alpha_factor,
                                     float beta_factor, float* alpha_gradient, float* beta_gradient) {
  for (unsigned row = blockIdx.y * blockDim.y + threadIdx.y; row < rows; row += gridDim.y * blockDim.y) {
    int code[kGroups];
    for (int g = 0; g < kGroups; ++g) code[g] = codes[static_cast<std::size_t>(row) * kGroups + g];
    const std::uint64_t begin = gradient.begin(row);
    const bool in_fours = gradient.in_fours(begin, width);
    float sums[4 * kGroups + 1];
    const bool has_sums = sums_of_lanes(sums, [&](unsigned lane, float(&parts)[4 * kGroups + 1]) {
      for (float& part : parts) part = 0;
      if (in_fours) {
        add_chunk<true>(weights, stride, frequency, code, width, gradient, begin, lane, parts);
      } else {
        add_chunk<false>(weights, stride, frequency, code, width, gradient, begin, lane, parts);
      }
    });
    if (!has_sums) continue;
    const float beta = betas[row];
    for (unsigned i = 0; i < 4 * kGroups; ++i) {
      if (i >= code_dim) continue;
      alpha_gradient[static_cast<std::size_t>(row) * code_dim + i] = __fmul_rn(sums[i], __fmul_rn(alpha_factor, beta));
    }
    beta_gradient[row] = gradient_of_beta(sums[4 * kGroups], beta_factor, beta);
  }
}

}  // namespace mcnc::cuda

// mcnc_gradient_sine_<groups>.
//   weights, stride, frequency, codes (rows, groups): as of mcnc_expand_sine_*.  width, code_dim: of the generator.
//   gradient (count), float32: with respect to the weights of a tensor, whose chunk c is elements c * width on; `rows`
//     codes from `first` on, per_chunk codes a chunk.
//   betas (rows): of these codes.
//   alpha_gradient (rows, code_dim): sums, times beta and alpha_factor. beta_gradient (rows): sums, times beta_factor.
// Grid: y any number of blocks over rows, x and z 1. Blocks: (32, y, 1).
#define MCNC_GRADIENT_SINE(name, groups)                                                                               \
  MCNC_KERNEL name(const int* weights, unsigned stride, unsigned frequency, const int* codes, unsigned rows,           \
                   unsigned width, unsigned code_dim, const float* gradient, std::uint64_t first, std::uint64_t count, \
                   unsigned per_chunk, const float* betas, float alpha_factor, float beta_factor,                      \
                   float* alpha_gradient, float* beta_gradient) {                                                      \
    mcnc::cuda::gradient_sine<groups>(weights, stride, frequency, codes, rows, width, code_dim,                        \
                                      {gradient, first, width, count, per_chunk}, betas, alpha_factor, beta_factor,    \
                                      alpha_gradient, beta_gradient);                                                  \
  }

MCNC_GRADIENT_SINE(mcnc_gradient_sine_1, 1)
MCNC_GRADIENT_SINE(mcnc_gradient_sine_2, 2)
MCNC_GRADIENT_SINE(mcnc_gradient_sine_3, 3)
MCNC_GRADIENT_SINE(mcnc_gradient_sine_4, 4)
#undef MCNC_GRADIENT_SINE

#endif  // MCNC_CUDA_KERNELS_GRADIENT_SINE_H_
