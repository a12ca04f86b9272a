// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The part of CUDA C++ that the kernels use, for a host compiler: kernels become functions that one thread after the
// other is called for. It is for tests, where it stands in for a GPU: the same sources give the same bits.
//
// Kernels here use no shared memory, barriers of blocks or shuffles: threads of a launch never see what others of it
// write. So any order of the threads must give the same, and the shim can run them in any, one to its end before the
// next one begins (see run_kernel). What the lanes of a warp give to a product of matrices, each thread makes for all
// of them (cuda/kernels/matrix.h). The shim has no words for what kernels do not use: one that begins to does not
// compile here.
#ifndef MCNC_CUDA_SHIM_SHIM_H_
#define MCNC_CUDA_SHIM_SHIM_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

// nvcc knows these names by itself.
#define __global__
#define __device__

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
};
struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(8) int2 {
  int x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct alignas(16) int4 {
  int x, y, z, w;
};
struct alignas(16) float4 {
  float x, y, z, w;
};

inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

// Which thread runs. Only run_kernel changes them.
extern dim3 gridDim, blockDim, blockIdx, threadIdx;

using std::max;
using std::min;

// Each does what the CUDA C++ Programming Guide says of the function of its name. The float operations are compiled on
// their own, so that no compiler can make one of two of them.
float __fadd_rn(float a, float b);
float __fsub_rn(float a, float b);
float __fmul_rn(float a, float b);
float __fdiv_rn(float a, float b);
float __fsqrt_rn(float a);
float __fmaf_rn(float a, float b, float c);
// The nearest integer, ties to even.
int __float2int_rn(float value);
unsigned __float_as_uint(float value);
float __uint_as_float(unsigned bits);
// c plus the products of the four bytes of a and b; plus those of the two halves of a and the low or the high two bytes
// of b. All numbers are signed, and the sum wraps.
int __dp4a(int a, int b, int c);
int __dp2a_lo(int a, int b, int c);
int __dp2a_hi(int a, int b, int c);
// |a - b| + c; the sum wraps.
unsigned __sad(int a, int b, unsigned c);
// Byte i of the result is the one of `low` (0 to 3) and `high` (4 to 7) that hexadecimal digit i of `selector` names.
unsigned __byte_perm(unsigned low, unsigned high, unsigned selector);
unsigned atomicOr(unsigned* word, unsigned bits);

// Threads of a warp wait for each other here, and then run on together. They exchange nothing.
inline void __syncwarp() {}

// What mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 of "PTX ISA" adds to the four numbers d(0) to d(3) of this
// thread, of which the lane is threadIdx.x % 32. a(lane), an int4, and b(lane), an int2: what the lanes hold.
template <typename A, typename B, typename D>
void mma_m16n8k32(const A& a, const B& b, const D& d) {
  const auto number = [](int word, unsigned i) {
    return static_cast<unsigned>(static_cast<std::int8_t>(static_cast<unsigned>(word) >> (8 * i) & 0xFFU));
  };
  const unsigned lane = threadIdx.x % 32;
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned row = lane / 4 + 8 * (i / 2);
    const unsigned column = 2 * (lane % 4) + i % 2;
    auto sum = static_cast<unsigned>(d(i));
    for (unsigned place = 0; place < 4; ++place) {
      const int4 of_a = a(4 * (row % 8) + place);
      const int2 of_b = b(4 * column + place);
      for (unsigned k = 0; k < 4; ++k) {  // and 16 numbers on
        sum += number(row < 8 ? of_a.x : of_a.y, k) * number(of_b.x, k);
        sum += number(row < 8 ? of_a.z : of_a.w, k) * number(of_b.y, k);
      }
    }
    d(i) = static_cast<int>(sum);
  }
}

template <typename T>
void __stcs(T* where, const T& value) {
  *where = value;
}

#endif  // MCNC_CUDA_SHIM_SHIM_H_
