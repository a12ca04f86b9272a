// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/shim/shim.h"

#include <bit>
#include <cmath>

#include "arithmetic/fma32.h"

dim3 gridDim, blockDim, blockIdx, threadIdx;

float __fadd_rn(float a, float b) { return a + b; }
float __fsub_rn(float a, float b) { return a - b; }
float __fmul_rn(float a, float b) { return a * b; }
float __fdiv_rn(float a, float b) { return a / b; }
float __fsqrt_rn(float a) { return std::sqrt(a); }
float __fmaf_rn(float a, float b, float c) { return mcnc::fma32(a, b, c); }

int __float2int_rn(float value) { return static_cast<int>(std::nearbyint(value)); }
unsigned __float_as_uint(float value) { return std::bit_cast<unsigned>(value); }
float __uint_as_float(unsigned bits) { return std::bit_cast<float>(bits); }

namespace {

// Number i of the signed bytes, or halves, of a word.
unsigned byte_of(int word, unsigned i) {
  return static_cast<unsigned>(static_cast<std::int8_t>(static_cast<unsigned>(word) >> (8 * i) & 0xFFU));
}
unsigned half_of(int word, unsigned i) {
  return static_cast<unsigned>(static_cast<std::int16_t>(static_cast<unsigned>(word) >> (16 * i) & 0xFFFFU));
}

}  // namespace

int __dp4a(int a, int b, int c) {
  auto sum = static_cast<unsigned>(c);
  for (unsigned i = 0; i < 4; ++i) sum += byte_of(a, i) * byte_of(b, i);
  return static_cast<int>(sum);
}

int __dp2a_lo(int a, int b, int c) {
  return static_cast<int>(static_cast<unsigned>(c) + half_of(a, 0) * byte_of(b, 0) + half_of(a, 1) * byte_of(b, 1));
}

int __dp2a_hi(int a, int b, int c) {
  return static_cast<int>(static_cast<unsigned>(c) + half_of(a, 0) * byte_of(b, 2) + half_of(a, 1) * byte_of(b, 3));
}

unsigned __sad(int a, int b, unsigned c) {
  const unsigned difference = static_cast<unsigned>(a) - static_cast<unsigned>(b);
  return c + (a < b ? 0 - difference : difference);
}

unsigned __byte_perm(unsigned low, unsigned high, unsigned selector) {
  const std::uint64_t both = std::uint64_t{high} << 32 | low;
  unsigned result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned from = selector >> (4 * i) & 7U;
    result |= static_cast<unsigned>(both >> (8 * from) & 0xFFU) << (8 * i);
  }
  return result;
}

unsigned atomicOr(unsigned* word, unsigned bits) {
  const unsigned before = *word;
  *word |= bits;
  return before;
}
