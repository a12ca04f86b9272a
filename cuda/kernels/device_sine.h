// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The sine of the integer arithmetic with as few instructions as a GPU needs for it. CPU definition: sine(phase_of())
// of sdk/src/arithmetic/sine.h. A test compares both for each of the 65,536 phases.
#ifndef MCNC_CUDA_KERNELS_DEVICE_SINE_H_
#define MCNC_CUDA_KERNELS_DEVICE_SINE_H_

#include "cuda/kernels/device.h"

namespace mcnc::cuda {

inline constexpr unsigned kQuarterTurn = 1U << 30;

// The sine, in Q15, of an angle in units of 2^-32 turn. The steps are those of the definition, moved together:
//  * taking 2^14 off the phase before its low half is dropped makes it the multiply-add of frequency * acc;
//  * x = -2y, and y, of the other sign, is one sum of absolute differences;
//  * floor(a / 2^15) - b is floor((a - b * 2^15) / 2^15), so that each constant is added where the product is made, and
//    with it the 2^14 that rounds;
//  * x + mulr(x, p) is mulr(x, p + 2^15);
//  * the polynomial is made of the other sign, too: -floor(a / 2^15) is floor((-a + 2^15 - 1) / 2^15);
//  * x may be 2^15 in magnitude, one more than the definition's: what comes of it is caught by the last clamp.
// No product is larger than 1.7e9 in magnitude, none wraps.
__device__ inline int sine_of_angle(unsigned angle) {
  constexpr int kRound = 1 << 14;
  constexpr int kOne = 1 << 15;
  const int c = static_cast<int>(angle - kQuarterTurn) >> 16;
  const int y = static_cast<int>(__sad(c, 0, static_cast<unsigned>(-(1 << 14))));  // |c| - 2^14
  const int u = (y * y + (1 << 12)) >> 13;
  const int p = (-2356 * u + (kOne - 1 - kRound + 21041 * kOne)) >> 15;
  const int q = (p * u + (kOne - 1 - kRound - (18688 + kOne) * kOne)) >> 15;
  const int s = (y * q + (1 << 13)) >> 14;
  return max(min(s, 32767), -32767);
}

// That of a layer's accumulator.
__device__ inline int device_sine(unsigned frequency, unsigned acc) { return sine_of_angle(frequency * acc); }

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_KERNELS_DEVICE_SINE_H_
