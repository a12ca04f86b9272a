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

// Where memory starts: at a multiple of a vector, 16 bytes past one, as most allocators' large blocks, or elsewhere.
enum class Place { kLine, kSixteen, kAnywhere };

#if HWY_ARCH_X86

// Stores that bypass the caches go to multiples of a vector, memory that callers give starts where it starts. So lines
// (vectors where they are stored) are made of the end of one vector and the start of the next.
template <Place kPlace>
class LineWriter {
  using D = ConvertWordTag;
  using V = ConvertWords;

 public:
  // out: a multiple of 4 bytes, at kPlace.
  explicit HWY_INLINE LineWriter(std::byte* out) { Start(out); }

  // Goes on at `out`, with nothing done where it is there already.
  HWY_INLINE void MoveTo(std::byte* out) {
    if (line_ + shift_ * 4 == out) return;
    Finish();
    Start(out);
  }

  HWY_INLINE void Put(V v) {
    const D d;
    if constexpr (kPlace == Place::kLine) {
      hn::Stream(v, d, reinterpret_cast<std::uint32_t*>(line_));
    } else {
      const V line = Joined(v);
      if (HWY_UNLIKELY(line_ == first_)) {
        StoreSome(line, hn::Not(is_rest_), line_);
      } else {
        hn::Stream(line, d, reinterpret_cast<std::uint32_t*>(line_));
      }
    }
    line_ += hn::Lanes(d) * 4;
  }

  HWY_INLINE void Finish() {
    if constexpr (kPlace != Place::kLine) {
      if (line_ != first_) StoreSome(Joined(rest_), is_rest_, line_);
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

  // The line of the end of the vector before and the start of v.
  HWY_INLINE V Joined(V v) {
    V line;
    if constexpr (kPlace == Place::kSixteen) {
#if HWY_TARGET <= HWY_AVX3
      line = V{_mm512_alignr_epi64(v.raw, rest_.raw, 6)};
#elif HWY_TARGET <= HWY_AVX2
      line = V{_mm256_permute2x128_si256(rest_.raw, v.raw, 0x21)};
#endif
      rest_ = v;
    } else {
      const V turned = hn::TableLookupLanes(v, hn::IndicesFromVec(D(), turn_));
      line = hn::IfThenElse(is_rest_, rest_, turned);
      rest_ = turned;
    }
    return line;
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
  V rest_;             // the last vector, the end of which is not written yet; turned for kAnywhere
  hn::Mask<D> is_rest_;
};

#else

template <Place>
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
enum class Elements { kF32, kF16, kBf16, kBf16Natively };

// Where an instruction narrows to f16; elsewhere it takes so many that f16 goes by way of float32.
constexpr bool kEmitsF16 = HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2;

// Two vectors of weights, none of them NaN, one after the other.
template <Elements kElements, Place kPlace>
HWY_INLINE void PutWeights(hn::Vec<ConvertTag> low, hn::Vec<ConvertTag> high, LineWriter<kPlace>& out) {
  const ConvertWordTag d;
  if constexpr (kElements == Elements::kF32) {
    out.Put(hn::BitCast(d, low));
    out.Put(hn::BitCast(d, high));
  } else if constexpr (kElements == Elements::kF16) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
    out.Put(hn::BitCast(d, F16Elements::OfNumbers(low, high)));
#endif
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
