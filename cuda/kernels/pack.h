// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Weights and codes of integer arithmetic as the words that __dp4a, __dp2a and mma multiply: four numbers of int8, or
// two of int16, the first in the lowest bits, zeros past the last one and in the words that follow it. CPU
// counterparts: pack_integer() of sdk/src/kernels/scalar_integer.cc and LoadedCodes::alphas() of
// sdk/src/model/codes.cc.
//
// Limits: some 100 instructions for a word, most of them the division of a 64-bit number. Weights are packed once.
// Codes are packed when they are used, in training twice a step; a word is four numbers of a code, which makes hundreds
// of weights, so that packing takes little beside them.
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

// Number i of such a word: 2^23 + 128 + n has n + 128 as its lowest byte.
__device__ inline float float_of_byte(int word, unsigned i) {
  constexpr unsigned kTwoTo23 = 0x4B000000;
  const unsigned bits = __byte_perm(static_cast<unsigned>(word) ^ 0x80808080U, kTwoTo23, 0x7440U | i);
  return __fsub_rn(__uint_as_float(bits), 8388736.0F);
}

__device__ inline int word_of_halves(int low, int high) {
  return static_cast<int>((low & 0xFFFFU) | static_cast<unsigned>(high) << 16);
}

// Of weights as mcnc_pack_weights makes them, groups g and g + 1 of columns [column, column + 4): two times 16 bytes,
// of two columns each, with word (g + i, column + 2c + j) as number 2i + j of those number c. g: even; column: a
// multiple of 4, or of 2 where only the first 16 bytes are used.
__device__ inline const int4* fours_of_weights(const int* weights, unsigned stride, unsigned g, unsigned column) {
  return reinterpret_cast<const int4*>(weights + static_cast<std::size_t>(g) * stride + std::size_t{2} * column);
}

// Their words.
__device__ inline void load_weights(const int* __restrict__ weights, unsigned stride, unsigned g, unsigned column,
                                    int (&words)[2][kColumns]) {
  const int4* fours = fours_of_weights(weights, stride, g, column);
  for (unsigned c = 0; c < 2; ++c) {
    const int4 four = fours[c];
    words[0][2 * c] = four.x;
    words[0][2 * c + 1] = four.y;
    words[1][2 * c] = four.z;
    words[1][2 * c + 1] = four.w;
  }
}

}  // namespace mcnc::cuda

// weights (inputs, width) to out (groups, stride): word (g, j) is the weights of inputs 4g to 4g + 3 for output j, 0
// for inputs and outputs that are none. Two groups stand one in the other, two columns at a time: word (g, j) is number
// (g / 2 * stride + j / 2 * 2) * 2 + g % 2 * 2 + j % 2. groups: even; stride: a multiple of 4. Grid: any, of one
// dimension.
MCNC_KERNEL mcnc_pack_weights(const signed char* weights, unsigned inputs, unsigned width, unsigned groups,
                              unsigned stride, int* out) {
  const std::uint64_t all = static_cast<std::uint64_t>(groups) * stride;
  for (std::uint64_t at = mcnc::cuda::thread_of_grid(); at < all; at += mcnc::cuda::threads_of_grid()) {
    const std::uint64_t row = 2 * static_cast<std::uint64_t>(stride);
    const auto group = static_cast<unsigned>(at / row * 2 + at / 2 % 2);
    const auto output = static_cast<unsigned>(at % row / 4 * 2 + at % 2);
    int four[4] = {0, 0, 0, 0};
    if (output < width) mcnc::cuda::gather_four(weights + output, width, 4 * group, inputs, four);
    out[at] = mcnc::cuda::word_of_bytes(four);
  }
}

// Codes [first, first + count) of alpha (code_dim, all), int8, to out (count, groups). Grid: any, of one dimension.
MCNC_KERNEL mcnc_pack_codes_8(const signed char* alpha, std::uint64_t all, unsigned code_dim, std::uint64_t first,
                              unsigned count, unsigned groups, int* out) {
  const std::uint64_t words = static_cast<std::uint64_t>(groups) * count;
  for (std::uint64_t at = mcnc::cuda::thread_of_grid(); at < words; at += mcnc::cuda::threads_of_grid()) {
    int four[4];
    mcnc::cuda::gather_four(alpha + first + at / groups, all, 4 * static_cast<unsigned>(at % groups), code_dim, four);
    out[at] = mcnc::cuda::word_of_bytes(four);
  }
}

// The same of int16, to out (count, groups, 2).
MCNC_KERNEL mcnc_pack_codes_16(const short* alpha, std::uint64_t all, unsigned code_dim, std::uint64_t first,
                               unsigned count, unsigned groups, int* out) {
  const std::uint64_t pairs = static_cast<std::uint64_t>(groups) * count;
  for (std::uint64_t at = mcnc::cuda::thread_of_grid(); at < pairs; at += mcnc::cuda::threads_of_grid()) {
    int four[4];
    mcnc::cuda::gather_four(alpha + first + at / groups, all, 4 * static_cast<unsigned>(at % groups), code_dim, four);
    out[2 * at] = mcnc::cuda::word_of_halves(four[0], four[1]);
    out[2 * at + 1] = mcnc::cuda::word_of_halves(four[2], four[3]);
  }
}

#endif  // MCNC_CUDA_KERNELS_PACK_H_
