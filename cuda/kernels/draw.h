// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Random numbers. CPU definitions: draw_int8(), draw_uniform() and draw_theta0() of sdk/src/kernels/scalar_draw.cc, and
// philox() of sdk/src/arithmetic/philox.h, which runs here too. A thread draws whole blocks where it can.
//
// Limits (see cuda/FIGURES.md; none was measured): 7 instructions for a byte of int8, 5 for a byte of theta0: memory is
// the limit on an H100, an RTX 4090 and a Jetson Orin. Float32 weights take 25, as two blocks of random numbers are
// drawn where columns do not begin with one; they are drawn once for a generator.
#ifndef MCNC_CUDA_KERNELS_DRAW_H_
#define MCNC_CUDA_KERNELS_DRAW_H_

#include "arithmetic/philox.h"
#include "cuda/kernels/device.h"

// out[e] = odd int8 e of (seed, generator weights, stream), e below count. out: aligned to 16 bytes.
// Grid: any, of one dimension.
MCNC_KERNEL mcnc_draw_int8(std::uint64_t seed, unsigned stream, std::uint64_t count, signed char* out) {
  const mcnc::RandomStream random(seed, mcnc::Domain::kGeneratorWeights, stream);
  for (std::uint64_t block = mcnc::cuda::thread_of_grid(); 16 * block < count; block += mcnc::cuda::threads_of_grid()) {
    const mcnc::PhiloxBlock words = random.block(block);
    const uint4 odd =
        make_uint4(words[0] | 0x01010101U, words[1] | 0x01010101U, words[2] | 0x01010101U, words[3] | 0x01010101U);
    if (count - 16 * block >= 16) {
      reinterpret_cast<uint4*>(out)[block] = odd;
      continue;
    }
    for (unsigned i = 0; i < count - 16 * block; ++i) {
      const unsigned word = i < 4 ? odd.x : i < 8 ? odd.y : i < 12 ? odd.z : odd.w;
      out[16 * block + i] = static_cast<signed char>(word >> (8 * (i % 4)));
    }
  }
}

// Columns [first, first + columns) of a float32 layer of `width` outputs that is drawn: weight (i, first + c) is
// out[i * stride + c], for i below inputs. Columns past the last one, up to stride, become 0. stride: a multiple of 4;
// out: aligned to 16 bytes. Grid: any, of one dimension.
MCNC_KERNEL mcnc_draw_float(std::uint64_t seed, unsigned stream, float scale, unsigned width, unsigned first,
                            unsigned columns, unsigned inputs, unsigned stride, float* out) {
  const mcnc::RandomStream random(seed, mcnc::Domain::kGeneratorWeights, stream);
  const unsigned fours = stride / mcnc::cuda::kColumns;
  const std::uint64_t all = static_cast<std::uint64_t>(fours) * inputs;
  for (std::uint64_t at = mcnc::cuda::thread_of_grid(); at < all; at += mcnc::cuda::threads_of_grid()) {
    const std::uint64_t input = at / fours;
    const auto column = static_cast<unsigned>(at % fours) * mcnc::cuda::kColumns;
    std::uint64_t element = input * width + first + column;
    mcnc::PhiloxBlock words = random.block(element / 4);
    float four[mcnc::cuda::kColumns];
    for (unsigned j = 0; j < mcnc::cuda::kColumns; ++j, ++element) {
      if (j > 0 && element % 4 == 0) words = random.block(element / 4);
      const unsigned place = element % 4;
      const unsigned word = place == 0 ? words[0] : place == 1 ? words[1] : place == 2 ? words[2] : words[3];
      const auto whole = static_cast<float>(static_cast<int>(word) >> 8);
      four[j] = column + j < columns ? __fmul_rn(scale, __fmul_rn(whole, 0x1p-23F)) : 0.0F;
    }
    reinterpret_cast<float4*>(out)[at] = make_float4(four[0], four[1], four[2], four[3]);
  }
}

// out[e - first] = scale * int16 e of (seed, theta0, stream), for e from first to first + count - 1.
// Grid: any, of one dimension.
MCNC_KERNEL mcnc_draw_theta0(std::uint64_t seed, unsigned stream, float scale, std::uint64_t first, std::uint64_t count,
                             float* out) {
  const mcnc::RandomStream random(seed, mcnc::Domain::kTheta0, stream);
  const std::uint64_t end = first + count;
  for (std::uint64_t block = first / 8 + mcnc::cuda::thread_of_grid(); 8 * block < end;
       block += mcnc::cuda::threads_of_grid()) {
    const mcnc::PhiloxBlock words = random.block(block);
    for (unsigned i = 0; i < 8; ++i) {
      const std::uint64_t element = 8 * block + i;
      if (element < first || element >= end) continue;
      const unsigned word = i < 2 ? words[0] : i < 4 ? words[1] : i < 6 ? words[2] : words[3];
      const auto number = static_cast<std::int16_t>(static_cast<std::uint16_t>(word >> (16 * (i % 2))));
      out[element - first] = __fmul_rn(scale, static_cast<float>(number));
    }
  }
}

#endif  // MCNC_CUDA_KERNELS_DRAW_H_
