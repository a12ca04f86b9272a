// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Weights and codes of integer arithmetic as the words that __dp4a and __dp2a multiply: four numbers of int8, or two of
// int16, the first in the lowest bits, zeros past the last one. CPU counterparts: pack_integer() of
// sdk/src/kernels/scalar_integer.cc and LoadedCodes::alphas() of sdk/src/model/codes.cc.
//
// Limits: it runs once for the codes and weights of a file, some kilobytes, and takes the time of a launch. 90
// instructions for a word; most are the division of a 64-bit number.
#ifndef MCNC_CUDA_KERNELS_PACK_H_
#define MCNC_CUDA_KERNELS_PACK_H_

#include "cuda/kernels/device.h"

namespace mcnc::cuda {

// Numbers [first, first + 4) of the `count` that stand `step` apart; zeros past the last one.
template <typename Number>
__device__ inline void gather_four(const Number* numbers, std::uint64_t step, unsigned first, unsigned count,
                                   int (&four)[4]) {
  for (unsigned i = 0; i < 4; ++i) four[i] = first + i < count ? numbers[(first + i) * step] : 0;
}

__device__ inline int word_of_bytes(const int (&four)[4]) {
  return static_cast<int>((four[0] & 0xFFU) | (four[1] & 0xFFU) << 8 | (four[2] & 0xFFU) << 16 |
                          (four[3] & 0xFFU) << 24);
}

__device__ inline int word_of_halves(int low, int high) {
  return static_cast<int>((low & 0xFFFFU) | static_cast<unsigned>(high) << 16);
}

}  // namespace mcnc::cuda

// weights (inputs, width) to out (ceil(inputs / 4), stride): word (g, j) is the weights of inputs 4g to 4g + 3 for
// output j, 0 for j from width to stride - 1. Grid: any, of one dimension.
MCNC_KERNEL mcnc_pack_weights(const signed char* weights, unsigned inputs, unsigned width, unsigned stride, int* out) {
  const std::uint64_t all = static_cast<std::uint64_t>((inputs + 3) / 4) * stride;
  for (std::uint64_t at = mcnc::cuda::thread_of_grid(); at < all; at += mcnc::cuda::threads_of_grid()) {
    const auto group = static_cast<unsigned>(at / stride);
    const auto output = static_cast<unsigned>(at % stride);
    int four[4] = {0, 0, 0, 0};
    if (output < width) mcnc::cuda::gather_four(weights + output, width, 4 * group, inputs, four);
    out[at] = mcnc::cuda::word_of_bytes(four);
  }
}

// Codes [first, first + count) of alpha (code_dim, all), int8, to out (count, ceil(code_dim / 4)). Grid: any, of one
// dimension.
MCNC_KERNEL mcnc_pack_codes_8(const signed char* alpha, std::uint64_t all, unsigned code_dim, std::uint64_t first,
                              unsigned count, int* out) {
  const unsigned groups = (code_dim + 3) / 4;
  const std::uint64_t words = static_cast<std::uint64_t>(groups) * count;
  for (std::uint64_t at = mcnc::cuda::thread_of_grid(); at < words; at += mcnc::cuda::threads_of_grid()) {
    int four[4];
    mcnc::cuda::gather_four(alpha + first + at / groups, all, 4 * static_cast<unsigned>(at % groups), code_dim, four);
    out[at] = mcnc::cuda::word_of_bytes(four);
  }
}

// The same of int16, to out (count, ceil(code_dim / 4), 2).
MCNC_KERNEL mcnc_pack_codes_16(const short* alpha, std::uint64_t all, unsigned code_dim, std::uint64_t first,
                               unsigned count, int* out) {
  const unsigned groups = (code_dim + 3) / 4;
  const std::uint64_t pairs = static_cast<std::uint64_t>(groups) * count;
  for (std::uint64_t at = mcnc::cuda::thread_of_grid(); at < pairs; at += mcnc::cuda::threads_of_grid()) {
    int four[4];
    mcnc::cuda::gather_four(alpha + first + at / groups, all, 4 * static_cast<unsigned>(at % groups), code_dim, four);
    out[2 * at] = mcnc::cuda::word_of_halves(four[0], four[1]);
    out[2 * at + 1] = mcnc::cuda::word_of_halves(four[2], four[3]);
  }
}

#endif  // MCNC_CUDA_KERNELS_PACK_H_
