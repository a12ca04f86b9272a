// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The element types of arithmetic/half.h in integer arithmetic: per target, see simd.cc.
#if defined(MCNC_KERNELS_CONVERT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MCNC_KERNELS_CONVERT_INL_H_
#undef MCNC_KERNELS_CONVERT_INL_H_
#else
#define MCNC_KERNELS_CONVERT_INL_H_
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "hwy/cache_control.h"
#include "hwy/highway.h"
#include "kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace mcnc {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using ConvertTag = hn::CappedTag<float, 16>;
using ConvertWordTag = hn::RebindToUnsigned<ConvertTag>;
using ConvertHalvesTag = hn::Repartition<std::uint16_t, ConvertTag>;  // twice the lanes
using ConvertByteTag = hn::Repartition<std::uint8_t, ConvertTag>;
using ConvertWords = hn::Vec<ConvertWordTag>;
using ConvertBytes = hn::Vec<ConvertByteTag>;

// (a + b + 1) / 2.
template <class V>
HWY_INLINE V RoundedAverage(V a, V b) {
#if HWY_HAVE_SCALABLE  // Highway's overflows there
  return hn::Sub(hn::Or(a, b), hn::ShiftRight<1>(hn::Xor(a, b)));
#else
  return hn::AverageRound(a, b);
#endif
}

// Each kind of element: a vector of them from as many floats as it takes, and floats from elements, a vector at a time.
struct F32Elements {
  static constexpr std::size_t kSize = 4;
  static HWY_INLINE ConvertBytes Narrowed(const float* values) {
    return hn::BitCast(ConvertByteTag(), hn::LoadU(ConvertTag(), values));
  }
};

struct Bf16Elements {
  static constexpr std::size_t kSize = 2;

  // The element in the upper half of a word.
  static HWY_INLINE ConvertWords Rounded(const float* values) {
    const ConvertTag d;
    const ConvertWordTag dw;
    const auto value = hn::LoadU(d, values);
    const ConvertWords bits = hn::BitCast(dw, value);
    const ConvertWords odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(dw, 1));
    const ConvertWords rounded = hn::Add(hn::Add(bits, hn::Set(dw, 0x7FFFU)), odd);
    const ConvertWords quiet = hn::Or(bits, hn::Set(dw, 0x400000U));
    return hn::IfThenElse(hn::RebindMask(dw, hn::IsNaN(value)), quiet, rounded);
  }

  static HWY_INLINE ConvertBytes Narrowed(const float* values) {
    const ConvertHalvesTag dh;
    const auto low = hn::BitCast(dh, Rounded(values));
    const auto high = hn::BitCast(dh, Rounded(values + hn::Lanes(ConvertTag())));
    return hn::BitCast(ConvertByteTag(), hn::ConcatOdd(dh, high, low));
  }

  // Of two vectors of floats, none of them NaN: their upper halves, one more where the lower halves carry.
  static HWY_INLINE hn::Vec<ConvertHalvesTag> OfNumbers(hn::Vec<ConvertTag> low, hn::Vec<ConvertTag> high) {
    const ConvertHalvesTag dh;
    const auto upper = hn::ConcatOdd(dh, hn::BitCast(dh, high), hn::BitCast(dh, low));
    const auto lower = hn::ConcatEven(dh, hn::BitCast(dh, high), hn::BitCast(dh, low));
    const auto odd = hn::And(upper, hn::Set(dh, 1));
    // (lower + 0x7FFF + odd) / 2^16: the average adds the last 1.
    const auto carry = hn::ShiftRight<15>(RoundedAverage(lower, hn::Or(odd, hn::Set(dh, 0x7FFE))));
    return hn::Add(upper, carry);
  }

  static HWY_INLINE ConvertWords Widened(ConvertWords element) { return hn::ShiftLeft<16>(element); }
};

struct F16Elements {
  static constexpr std::size_t kSize = 2;

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
  // Of two vectors of floats, none of them NaN, by the instruction.
  static HWY_INLINE hn::Vec<ConvertHalvesTag> OfNumbers(hn::Vec<ConvertTag> low, hn::Vec<ConvertTag> high) {
    const hn::Rebind<hwy::float16_t, ConvertTag> dh;
    const hn::RebindToUnsigned<decltype(dh)> bits;
    return hn::Combine(ConvertHalvesTag(), hn::BitCast(bits, hn::DemoteTo(dh, high)),
                       hn::BitCast(bits, hn::DemoteTo(dh, low)));
  }

  // A NaN that the instruction makes 0x7E00 of.
  static HWY_INLINE hn::Vec<ConvertTag> Canonical(hn::Vec<ConvertTag> value) {
    const ConvertTag d;
    const auto nan = hn::BitCast(d, hn::Set(ConvertWordTag(), 0x7FC00000U));
    return hn::IfThenElse(hn::IsNaN(value), hn::CopySign(nan, value), value);
  }

  static HWY_INLINE ConvertBytes Narrowed(const float* values) {
    const ConvertTag d;
    const auto low = Canonical(hn::LoadU(d, values));
    const auto high = Canonical(hn::LoadU(d, values + hn::Lanes(d)));
    return hn::BitCast(ConvertByteTag(), OfNumbers(low, high));
  }
#else
  // The element in the lower half of a word.
  static HWY_INLINE ConvertWords Rounded(const float* values) {
    const ConvertTag d;
    const ConvertWordTag dw;
    const ConvertWords bits = hn::BitCast(dw, hn::LoadU(d, values));
    const ConvertWords magnitude = hn::And(bits, hn::Set(dw, 0x7FFFFFFFU));
    // 2^16 and above become infinity, as what is rounded up to 2^16.
    const ConvertWords finite = hn::Min(magnitude, hn::Set(dw, 143U << 23));
    const ConvertWords odd = hn::And(hn::ShiftRight<13>(finite), hn::Set(dw, 1));
    const ConvertWords normal = hn::ShiftRight<13>(hn::Add(hn::Add(finite, hn::Set(dw, 0xFFFU - (112U << 23))), odd));
    // Added to 1/2, whose last place is the step of subnormal elements, the hardware rounds.
    const auto half = hn::Set(d, 0.5F);
    const ConvertWords subnormal =
        hn::Sub(hn::BitCast(dw, hn::Add(hn::BitCast(d, finite), half)), hn::BitCast(dw, half));
    ConvertWords element = hn::IfThenElse(hn::Lt(finite, hn::Set(dw, 113U << 23)), subnormal, normal);
    element = hn::IfThenElse(hn::Gt(magnitude, hn::Set(dw, 0x7F800000U)), hn::Set(dw, 0x7E00U), element);
    return hn::Or(element, hn::ShiftLeft<15>(hn::ShiftRight<31>(bits)));
  }

  static HWY_INLINE ConvertBytes Narrowed(const float* values) {
    const ConvertHalvesTag dh;
    const auto low = hn::BitCast(dh, Rounded(values));
    const auto high = hn::BitCast(dh, Rounded(values + hn::Lanes(ConvertTag())));
    return hn::BitCast(ConvertByteTag(), hn::ConcatEven(dh, high, low));
  }
#endif

  static HWY_INLINE ConvertWords Widened(ConvertWords element) {
    const ConvertTag d;
    const ConvertWordTag dw;
    const ConvertWords magnitude = hn::And(element, hn::Set(dw, 0x7FFFU));
    const ConvertWords shifted = hn::ShiftLeft<13>(magnitude);
    const ConvertWords normal = hn::Add(shifted, hn::Set(dw, 112U << 23));
    const ConvertWords special = hn::Or(shifted, hn::Set(dw, 0x7F800000U));
    const auto steps = hn::ConvertTo(d, hn::BitCast(hn::RebindToSigned<ConvertTag>(), magnitude));
    const ConvertWords subnormal = hn::BitCast(dw, hn::Mul(steps, hn::Set(d, 0x1p-24F)));
    ConvertWords bits = hn::IfThenElse(hn::Gt(magnitude, hn::Set(dw, 0x7BFFU)), special, normal);
    bits = hn::IfThenElse(hn::Lt(magnitude, hn::Set(dw, 0x400U)), subnormal, bits);
    return hn::Or(bits, hn::ShiftLeft<31>(hn::ShiftRight<15>(element)));
  }
};

// Fewer floats than make a vector of elements.
template <class Elements>
HWY_INLINE void NarrowPart(const float* values, std::size_t n, std::uint8_t* out) {
  if (n == 0) return;
  float part[2 * hn::MaxLanes(ConvertTag())] = {};
  std::uint8_t elements[hn::MaxLanes(ConvertByteTag())];
  std::memcpy(part, values, n * sizeof(float));
  hn::StoreU(Elements::Narrowed(part), ConvertByteTag(), elements);
  std::memcpy(out, elements, n * Elements::kSize);
}

template <class Elements>
HWY_INLINE void NarrowTo(const float* values, std::size_t n, bool streaming, std::uint8_t* out) {
  const ConvertByteTag db;
  const std::size_t size = hn::Lanes(db);
  const std::size_t step = size / Elements::kSize;
  std::size_t i = 0;
  if (streaming) {
    const std::size_t ahead = (size - reinterpret_cast<std::uintptr_t>(out) % size) % size;
    if (ahead % Elements::kSize == 0) {  // else no element ever begins a vector
      i = HWY_MIN(n, ahead / Elements::kSize);
      NarrowPart<Elements>(values, i, out);
      for (; i + step <= n; i += step) hn::Stream(Elements::Narrowed(values + i), db, out + i * Elements::kSize);
    }
  }
  for (; i + step <= n; i += step) hn::StoreU(Elements::Narrowed(values + i), db, out + i * Elements::kSize);
  NarrowPart<Elements>(values + i, n - i, out + i * Elements::kSize);
}

inline void Narrow(const float* values, std::size_t n, FloatType type, bool streaming, std::byte* out) {
  auto* bytes = reinterpret_cast<std::uint8_t*>(out);
  switch (type) {
    case FloatType::kF16:
      NarrowTo<F16Elements>(values, n, streaming, bytes);
      break;
    case FloatType::kBf16:
      NarrowTo<Bf16Elements>(values, n, streaming, bytes);
      break;
    case FloatType::kF32:
      NarrowTo<F32Elements>(values, n, streaming, bytes);
      break;
  }
}

template <class Elements>
HWY_INLINE void WidenVector(const std::uint8_t* in, float* values) {
  const hn::Rebind<std::uint16_t, ConvertTag> dh;
  const hn::Repartition<std::uint8_t, decltype(dh)> db;
  const ConvertWords elements = hn::PromoteTo(ConvertWordTag(), hn::BitCast(dh, hn::LoadU(db, in)));
  hn::StoreU(hn::BitCast(ConvertTag(), Elements::Widened(elements)), ConvertTag(), values);
}

template <class Elements>
HWY_INLINE void WidenFrom(const std::uint8_t* in, std::size_t n, float* values) {
  const std::size_t lanes = hn::Lanes(ConvertTag());
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) WidenVector<Elements>(in + i * Elements::kSize, values + i);
  if (i == n) return;
  std::uint8_t elements[hn::MaxLanes(ConvertByteTag())] = {};
  float part[hn::MaxLanes(ConvertTag())];
  std::memcpy(elements, in + i * Elements::kSize, (n - i) * Elements::kSize);
  WidenVector<Elements>(elements, part);
  std::memcpy(values + i, part, (n - i) * sizeof(float));
}

inline void FinishStreaming() { hwy::FlushStream(); }

inline void Widen(const std::byte* in, std::size_t n, FloatType type, float* values) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(in);
  switch (type) {
    case FloatType::kF16:
      WidenFrom<F16Elements>(bytes, n, values);
      break;
    case FloatType::kBf16:
      WidenFrom<Bf16Elements>(bytes, n, values);
      break;
    case FloatType::kF32:
      if (n > 0) std::memcpy(values, bytes, n * sizeof(float));
      break;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mcnc
HWY_AFTER_NAMESPACE();

#endif  // MCNC_KERNELS_CONVERT_INL_H_
