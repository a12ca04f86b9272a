// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The part of CUDA C++ that the kernels use, for a host compiler: kernels become functions that one thread after the
// other is called for. It is for tests, where it stands in for a GPU: the same sources give the same bits.
//
// Kernels here use no shared memory, barriers or shuffles: threads of a launch never see what others of it write. So
// any order of the threads must give the same, and the shim can run them in any, one to its end before the next one
// begins (see run_kernel). It has no words for what kernels do not use: one that begins to does not compile here.
#ifndef MCNC_CUDA_SHIM_SHIM_H_
#define MCNC_CUDA_SHIM_SHIM_H_

#include <algorithm>
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

template <typename T>
void __stcs(T* where, const T& value) {
  *where = value;
}

#endif  // MCNC_CUDA_SHIM_SHIM_H_
