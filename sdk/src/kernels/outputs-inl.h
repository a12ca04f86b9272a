// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What becomes of the phases and sums of integer layers, a vector or two at a time: per target, see simd.cc.
//
// Sines come in pairs: lane 2i of a vector of int16 is output i of those it holds, lane 2i + 1 is output i of the
// second half. So widening them takes shifts, which are cheaper than moving lanes.
#if defined(MCNC_KERNELS_OUTPUTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MCNC_KERNELS_OUTPUTS_INL_H_
#undef MCNC_KERNELS_OUTPUTS_INL_H_
#else
#define MCNC_KERNELS_OUTPUTS_INL_H_
#endif

#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"
#include "kernels/emit-inl.h"
#include "kernels/kernels.h"
#include "kernels/opaque-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mcnc {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// At most half a block: two vectors of the largest target make one.
using D16 = hn::CappedTag<std::int16_t, kBlock / 2>;
using D32 = hn::Repartition<std::int32_t, D16>;
using DFloat = hn::Repartition<float, D16>;
using V16 = hn::Vec<D16>;
using V32 = hn::Vec<D32>;

// Q15 sines in place: arithmetic/sine.h, operation by operation, of several vectors side by side, because each
// operation waits for the one before it. c: phase - 16384, in 2^-16 turn. Where that is -32768, so is x, which is not
// clamped as there: its square overflows or saturates, and the two saturations that follow end at the same result,
// which a test of all phases sees.
template <class... Vectors>
HWY_INLINE void Sines(Vectors&... c) {
  const D16 d;
  ((c = hn::Sub(hn::Set(d, 16384), hn::Abs(c))), ...);
  ((c = hn::SaturatedAdd(c, c)), ...);  // x
  const auto with_squares = [&](auto... u) HWY_ATTR {
    const auto with_cubic = [&](auto... p) HWY_ATTR {
      ((p = hn::Sub(p, hn::Set(d, 21041))), ...);
      ((p = hn::MulFixedPoint15(p, u)), ...);
      ((p = hn::SaturatedAdd(p, hn::Set(d, 18688))), ...);
      ((p = hn::MulFixedPoint15(p, c)), ...);
      ((c = hn::SaturatedAdd(c, p)), ...);
      ((c = hn::Max(c, hn::Set(d, -32767))), ...);
    };
    with_cubic(hn::MulFixedPoint15(hn::Set(d, 2356), u)...);
  };
  with_squares(hn::MulFixedPoint15(c, c)...);
}

// What an activation makes of phases, in place: see Sines.
template <Activation kActivation, class... Vectors>
HWY_INLINE void Waves(Vectors&... c) {
  static_assert(kActivation == Activation::kSine);
  Sines(c...);
}

// The outputs of the first and of the second half of a vector of pairs.
HWY_INLINE V32 FirstOf(V16 pairs) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(hn::BitCast(D32(), pairs))); }
HWY_INLINE V32 SecondOf(V16 pairs) { return hn::ShiftRight<16>(hn::BitCast(D32(), pairs)); }

// Activations of a vector of Q15 sines.
HWY_INLINE V16 NarrowActivations(V16 s) {
  const D16 d;
  return hn::Max(hn::ShiftRight<8>(hn::SaturatedAdd(s, hn::Set(d, 128))), hn::Set(d, -127));
}

// What sums start from.
enum class Start { kWeights, kConstant, kZero };

// What becomes of the outputs of one row: they come a vector of sines of phases that are kAhead, or two of sums at a
// time. These hold copies, no references to what a store could change: the compiler cannot know that it does not.
//
// start + beta * g.
template <Start kStart>
struct Weigh {
  float beta;
  float constant;
  const float* w;  // the start, of the block's first output, for kWeights
  HWY_INLINE hn::Vec<DFloat> operator()(V32 g, std::size_t at) const {
    const DFloat d;
    const auto factor = hn::Set(d, beta);
    const auto output = hn::ConvertTo(d, g);
    if constexpr (kStart == Start::kWeights) {
      return hn::Add(hn::Load(d, w + at), Unfused(hn::Mul(factor, output)));
    } else if constexpr (kStart == Start::kConstant) {
      return hn::Add(hn::Set(d, constant), Unfused(hn::Mul(factor, output)));
    } else {
      return hn::MulAdd(factor, output, hn::Set(d, constant));  // nothing to round in the sum
    }
  }
};

template <Start kStart>
struct ToWeights {
  static constexpr std::int16_t kAhead = 0;
  Weigh<kStart> weigh;
  float* w;  // of the block's first output
  HWY_INLINE void Sums(V32 first, V32 second, std::size_t at) const {
    const DFloat d;
    hn::Store(weigh(first, at), d, w + at);
    hn::Store(weigh(second, at + hn::Lanes(d)), d, w + at + hn::Lanes(d));
  }
  HWY_INLINE void Sines(V16 s, std::size_t at) const { Sums(FirstOf(s), SecondOf(s), at); }
};

// Of phases, 2^16 times their sines at a time, which are made with fewer shifts: weigh.beta is beta / 2^16.
template <Start kStart, Elements kElements, Place kPlace>
struct ToElements {
  static constexpr std::int16_t kAhead = 0;
  Weigh<kStart> weigh;
  LineWriter<kPlace>& out;
  static HWY_INLINE V32 UpperFirst(V16 pairs) { return hn::ShiftLeft<16>(hn::BitCast(D32(), pairs)); }
  static HWY_INLINE V32 UpperSecond(V16 pairs) {
    return hn::And(hn::BitCast(D32(), pairs), hn::Set(D32(), static_cast<std::int32_t>(0xFFFF0000)));
  }
  HWY_INLINE void Sines(V16 s, std::size_t at) const {
    PutWeights<kElements>(weigh(UpperFirst(s), at), weigh(UpperSecond(s), at + hn::Lanes(DFloat())), out);
  }
};

template <typename T>
struct ToActivations {
  static constexpr std::int16_t kAhead = 0;
  T* h;  // of the block's first output
  HWY_INLINE void Sines(V16 s, std::size_t at) const {
    const V16 narrow = NarrowActivations(s);
    const hn::Rebind<T, D32> d;
    hn::Store(hn::DemoteTo(d, FirstOf(narrow)), d, h + at);
    hn::Store(hn::DemoteTo(d, SecondOf(narrow)), d, h + at + hn::Lanes(d));
  }
  HWY_INLINE void Sums(V32, V32, std::size_t) const {}  // hidden layers are sine layers
};

struct ToSlopes {
  static constexpr std::int16_t kAhead = 16384;
  float scale;
  float* slopes;  // of the block's first output
  HWY_INLINE void Sines(V16 cosine, std::size_t at) const {
    const DFloat d;
    const auto first = hn::ConvertTo(d, FirstOf(cosine));
    const auto second = hn::ConvertTo(d, SecondOf(cosine));
    hn::Store(hn::Mul(hn::Set(d, scale), first), d, slopes + at);
    hn::Store(hn::Mul(hn::Set(d, scale), second), d, slopes + at + hn::Lanes(d));
  }
  HWY_INLINE void Sums(V32, V32, std::size_t) const {}  // of sine layers only
};

// Vectors of phases, as Sines takes them, one after the other from output `at` of a block on.
template <Activation kActivation, typename Out, class... Vectors>
HWY_INLINE void PutPhases(const Out& out, std::size_t at, Vectors... c) {
  static_assert(Out::kAhead == 0 || kActivation == Activation::kSine);  // whose slope it is, a quarter turn ahead
  if constexpr (Out::kAhead != 0) ((c = hn::Add(c, hn::Set(D16(), Out::kAhead))), ...);
  Waves<kActivation>(c...);
  ((out.Sines(c, at), at += hn::Lanes(D16())), ...);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mcnc
HWY_AFTER_NAMESPACE();

#endif  // MCNC_KERNELS_OUTPUTS_INL_H_
