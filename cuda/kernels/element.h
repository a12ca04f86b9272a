// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Sums to elements of a tensor: float32 as it is, or narrowed to float16 or bfloat16 with one rounding to nearest, ties
// to even; and elements back to float32, which is exact. CPU definitions: narrow() and widen() of
// sdk/src/kernels/scalar_convert.cc. A sum is finite, or NaN where codes under training are not finite; elements may be
// anything.
#ifndef MCNC_CUDA_KERNELS_ELEMENT_H_
#define MCNC_CUDA_KERNELS_ELEMENT_H_

#include "cuda/kernels/device.h"

#ifdef __CUDACC__
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#else
#include "arithmetic/half.h"
#endif

namespace mcnc::cuda {

struct ElementF32 {
  using Stored = float;
  using Four = float4;
  __device__ static Stored of(float value) { return value; }
  __device__ static float widened(Stored element) { return element; }
  __device__ static Four four(const float (&v)[kColumns]) { return make_float4(v[0], v[1], v[2], v[3]); }
};

// Two elements of 16 bits to a word, the first one in the low half, as a little-endian device stores them.
template <typename Type>
struct ElementOf16Bits {
  using Stored = std::uint16_t;
  using Four = uint2;
  __device__ static Four four(const float (&v)[kColumns]) {
    return make_uint2(Type::of(v[0]) | static_cast<unsigned>(Type::of(v[1])) << 16,
                      Type::of(v[2]) | static_cast<unsigned>(Type::of(v[3])) << 16);
  }
};

struct ElementF16 : ElementOf16Bits<ElementF16> {
  __device__ static Stored of(float value) {
#ifdef __CUDACC__
    return __half_as_ushort(__float2half_rn(value));
#else
    return f16_from_f32(value);
#endif
  }
  __device__ static float widened(Stored element) {
#ifdef __CUDACC__
    return __half2float(__ushort_as_half(element));
#else
    return f32_from_f16(element);
#endif
  }
};

struct ElementBf16 : ElementOf16Bits<ElementBf16> {
  __device__ static Stored of(float value) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    return __bfloat16_as_ushort(__float2bfloat16_rn(value));
#else  // sm_75 has no instruction for it, the host neither
    const unsigned bits = __float_as_uint(value);
    if (value != value) return 0x7FFF;
    return static_cast<Stored>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
#endif
  }
  __device__ static float widened(Stored element) { return __uint_as_float(static_cast<unsigned>(element) << 16); }
};

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_KERNELS_ELEMENT_H_
