// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Products of matrices of int8 by the 32 lanes of a warp, which hold them in parts: A has 16 rows of 32 numbers, B 32
// rows of 8, and D = A * B + D has 16 rows of 8 int32, which wrap and never saturate. Where they stand is what "PTX
// ISA" says of mma.m16n8k32 of .s8; lane is 4 * group + place:
//   A  word 0: row group, numbers 4 * place to + 3; word 1: row group + 8; words 2 and 3: the same, 16 numbers on
//   B  word 0: column group, numbers 4 * place to + 3; word 1: 16 numbers on
//   D  numbers 0 and 1: row group, columns 2 * place and + 1; numbers 2 and 3: row group + 8
#ifndef MCNC_CUDA_KERNELS_MATRIX_H_
#define MCNC_CUDA_KERNELS_MATRIX_H_

#include "cuda/kernels/device.h"

namespace mcnc::cuda {

inline constexpr unsigned kLanes = 32;

// The thread's lane. Blocks have a multiple of 32 threads along x.
__device__ inline unsigned lane_of_thread() { return threadIdx.x % kLanes; }

// Where a lane's parts of two matrices A stand, one after the other, and those of two matrices B.
struct PartsOfLane {
  const int4* a;
  const int2* b[2];
};

// of_lanes(parts_of): what parts_of(lane) gives for this thread's lane. The shim, which runs one thread after the
// other, makes that of all lanes instead: parts_of takes nothing from the thread but what the lanes of its warp share.
// for_each_lane(parts, change): calls change() with these parts.
// multiply_add(parts, d): adds the products of both matrices A and both B to the thread's parts of four matrices D, one
// beside and one below the other: number i of that of A number s and B number t is d[2 * t + i % 2][2 * s + i / 2]. All
// lanes of the warp do so at the same time; see __syncwarp.
#ifdef __CUDACC__

template <typename PartsOf>
__device__ inline PartsOfLane of_lanes(const PartsOf& parts_of) {
  return parts_of(lane_of_thread());
}

template <typename Change>
__device__ inline void for_each_lane(PartsOfLane& parts, const Change& change) {
  change(parts);
}

// One instruction from sm_80 on. sm_75 multiplies 8 rows of 16 numbers at a time, which are the same words of a lane
// one by one.
__device__ inline void multiply_add(const int4& a, const int2& b, int& d0, int& d1, int& d2, int& d3) {
#if __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+r"(d0), "+r"(d1), "+r"(d2), "+r"(d3)
      : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b.x), "r"(b.y));
#else
  const auto multiply_small = [](int of_a, int of_b, int& left, int& right) {
    asm volatile("mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%0, %1}, {%2}, {%3}, {%0, %1};"
                 : "+r"(left), "+r"(right)
                 : "r"(of_a), "r"(of_b));
  };
  multiply_small(a.x, b.x, d0, d1);
  multiply_small(a.y, b.x, d2, d3);
  multiply_small(a.z, b.y, d0, d1);
  multiply_small(a.w, b.y, d2, d3);
#endif
}

__device__ inline void multiply_add(const PartsOfLane& parts, int (&d)[4][4]) {
  const int4 a[2] = {parts.a[0], parts.a[1]};
  const int2 b[2] = {*parts.b[0], *parts.b[1]};
  for (unsigned s = 0; s < 2; ++s) {
    for (unsigned t = 0; t < 2; ++t) {
      multiply_add(a[s], b[t], d[2 * t][2 * s], d[2 * t + 1][2 * s], d[2 * t][2 * s + 1], d[2 * t + 1][2 * s + 1]);
    }
  }
}

#else

using PartsOfLanes = std::array<PartsOfLane, kLanes>;

template <typename PartsOf>
PartsOfLanes of_lanes(const PartsOf& parts_of) {
  PartsOfLanes parts;
  for (unsigned lane = 0; lane < kLanes; ++lane) parts[lane] = parts_of(lane);
  return parts;
}

template <typename Change>
void for_each_lane(PartsOfLanes& parts, const Change& change) {
  for (PartsOfLane& each : parts) change(each);
}

inline void multiply_add(const PartsOfLanes& parts, int (&d)[4][4]) {
  for (unsigned s = 0; s < 2; ++s) {
    for (unsigned t = 0; t < 2; ++t) {
      mma_m16n8k32([&](unsigned lane) { return parts[lane].a[s]; }, [&](unsigned lane) { return *parts[lane].b[t]; },
                   [&](unsigned i) -> int& { return d[2 * t + i % 2][2 * s + i / 2]; });
    }
  }
}

#endif

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_KERNELS_MATRIX_H_
