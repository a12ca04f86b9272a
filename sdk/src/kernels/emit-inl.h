// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Weights written as elements past the caches, a vector at a time: per target, see simd.cc.
#if defined(MCNC_KERNELS_EMIT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MCNC_KERNELS_EMIT_INL_H_
#undef MCNC_KERNELS_EMIT_INL_H_
#else
#define MCNC_KERNELS_EMIT_INL_H_
#endif

#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"
#include "kernels/convert-inl.h"
#include "kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace mcnc {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_ARCH_X86

// Stores that bypass the caches go to multiples of a vector, memory that callers give starts where it starts: most
// allocators' large blocks 16 bytes past a line. So lines are made of the end of one vector and the start of the next.
// kAligned: memory starts at a multiple of a vector, and vectors are lines.
template <bool kAligned>
class LineWriter {
  using D = ConvertWordTag;
  using V = ConvertWords;

 public:
  // out: a multiple of 4 bytes.
  explicit HWY_INLINE LineWriter(std::byte* out) { Start(out); }

  // Goes on at `out`, with nothing done where it is there already.
  HWY_INLINE void MoveTo(std::byte* out) {
    if (line_ + shift_ * 4 == out) return;
    Finish();
    Start(out);
  }

  HWY_INLINE void Put(V v) {
    const D d;
    if constexpr (kAligned) {
      hn::Stream(v, d, reinterpret_cast<std::uint32_t*>(line_));
    } else {
      const V turned = hn::TableLookupLanes(v, hn::IndicesFromVec(d, turn_));
      if (HWY_UNLIKELY(line_ == first_)) {
        StoreSome(turned, hn::Not(is_rest_), line_);
      } else {
        hn::Stream(hn::IfThenElse(is_rest_, rest_, turned), d, reinterpret_cast<std::uint32_t*>(line_));
      }
      rest_ = turned;
    }
    line_ += hn::Lanes(d) * 4;
  }

  HWY_INLINE void Finish() {
    if constexpr (!kAligned) {
      if (line_ != first_) StoreSome(rest_, is_rest_, line_);
    }
  }

 private:
  HWY_INLINE void Start(std::byte* out) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    shift_ = reinterpret_cast<std::uintptr_t>(out) / 4 % lanes;
    line_ = first_ = out - shift_ * 4;
    const V shift = hn::Set(d, static_cast<std::uint32_t>(shift_));
    turn_ = hn::And(hn::Sub(hn::Iota(d, 0), shift), hn::Set(d, static_cast<std::uint32_t>(lanes - 1)));
    is_rest_ = hn::Lt(hn::Iota(d, 0), shift);
    rest_ = hn::Zero(d);
  }

  // Of somebody else's lanes nothing is read or written.
  static HWY_INLINE void StoreSome(V v, hn::Mask<D> mask, std::byte* line) {
#if HWY_TARGET <= HWY_AVX2
    hn::BlendedStore(v, mask, D(), reinterpret_cast<std::uint32_t*>(line));
#else
    _mm_maskmoveu_si128(v.raw, hn::VecFromMask(D(), mask).raw, reinterpret_cast<char*>(line));
#endif
  }

  std::byte* line_;    // where the next vector starts, less the shift
  std::byte* first_;   // partly somebody else's
  std::size_t shift_;  // in lanes
  V turn_;             // lane of a vector that comes to each lane of a line
  V rest_;             // the last vector, turned: its first lanes are not written yet
  hn::Mask<D> is_rest_;
};

#else

template <bool kAligned>
class LineWriter {
 public:
  explicit HWY_INLINE LineWriter(std::byte* out) : line_(out) {}
  HWY_INLINE void MoveTo(std::byte* out) { line_ = out; }
  HWY_INLINE void Put(ConvertWords v) {
    const ConvertByteTag d;
    hn::StoreU(hn::BitCast(d, v), d, reinterpret_cast<std::uint8_t*>(line_));
    line_ += hn::Lanes(d);
  }
  HWY_INLINE void Finish() {}

 private:
  std::byte* line_;
};

#endif

// How weights become elements. kBf16Natively: by the instruction, which takes subnormal numbers for zeros.
enum class Elements { kF32, kBf16, kBf16Natively };

// Two vectors of weights, none of them NaN, one after the other.
template <Elements kElements, bool kAligned>
HWY_INLINE void PutWeights(hn::Vec<ConvertTag> low, hn::Vec<ConvertTag> high, LineWriter<kAligned>& out) {
  const ConvertWordTag d;
  if constexpr (kElements == Elements::kF32) {
    out.Put(hn::BitCast(d, low));
    out.Put(hn::BitCast(d, high));
  } else if constexpr (kElements == Elements::kBf16) {
    out.Put(hn::BitCast(d, Bf16Elements::OfNumbers(low, high)));
  } else {
#if HWY_TARGET <= HWY_AVX3
    ConvertWords elements;
    asm("vcvtne2ps2bf16 %1, %2, %0" : "=v"(elements.raw) : "v"(low.raw), "v"(high.raw));
    out.Put(elements);
#endif
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mcnc
HWY_AFTER_NAMESPACE();

#endif  // MCNC_KERNELS_EMIT_INL_H_
