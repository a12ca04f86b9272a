// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A product that stays one: per target, see simd.cc.
#if defined(MCNC_KERNELS_UNFUSED_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MCNC_KERNELS_UNFUSED_INL_H_
#undef MCNC_KERNELS_UNFUSED_INL_H_
#else
#define MCNC_KERNELS_UNFUSED_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mcnc {
namespace HWY_NAMESPACE {

// `product`, rounded. What compilers make of Highway's Mul is an ordinary multiplication, and where they are told to
// contract (-ffp-contract=fast, the default of some) one that is followed by an Add becomes a fused multiply-add. They
// cannot see through this, which costs no instruction.
template <class V>
HWY_INLINE V Unfused(V product) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  asm("" : "+v"(product.raw));
#elif HWY_ARCH_X86
  asm("" : "+x"(product.raw));
#elif HWY_ARCH_PPC
  asm("" : "+wa"(product.raw));
#elif HWY_ARCH_RVV
  asm("" : "+vr"(product));
#elif HWY_HAVE_SCALABLE
  asm("" : "+w"(product));
#else
  asm("" : "+w"(product.raw));
#endif
  return product;
}

}  // namespace HWY_NAMESPACE
}  // namespace mcnc
HWY_AFTER_NAMESPACE();

#endif  // MCNC_KERNELS_UNFUSED_INL_H_
