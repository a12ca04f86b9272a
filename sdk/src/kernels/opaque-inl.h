// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Values that compilers cannot see through: per target, see simd.cc.
#if defined(MCNC_KERNELS_OPAQUE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MCNC_KERNELS_OPAQUE_INL_H_
#undef MCNC_KERNELS_OPAQUE_INL_H_
#else
#define MCNC_KERNELS_OPAQUE_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mcnc {
namespace HWY_NAMESPACE {

// Returns v and costs no instruction, but the compiler cannot see through it: it cannot move or merge the operations
// that made v with those that use the result.
template <class V>
HWY_INLINE V Opaque(V v) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  asm("" : "+v"(v.raw));
#elif HWY_ARCH_X86
  asm("" : "+x"(v.raw));
#elif HWY_ARCH_PPC
  asm("" : "+wa"(v.raw));
#elif HWY_ARCH_RVV
  asm("" : "+vr"(v));
#elif HWY_ARCH_WASM
  // Registers have no names there, and no instruction is a fused multiply-add.
#elif HWY_HAVE_SCALABLE
  asm("" : "+w"(v));
#else
  asm("" : "+w"(v.raw));
#endif
  return v;
}

// `product`, rounded. What compilers make of Highway's Mul is an ordinary multiplication, and where they are told to
// contract (-ffp-contract=fast, the default of some) one that is followed by an Add becomes a fused multiply-add.
template <class V>
HWY_INLINE V Unfused(V product) {
  return Opaque(product);
}

}  // namespace HWY_NAMESPACE
}  // namespace mcnc
HWY_AFTER_NAMESPACE();

#endif  // MCNC_KERNELS_OPAQUE_INL_H_
