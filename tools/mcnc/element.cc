// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "element.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <type_traits>

#include "mcnc/convert.h"
#include "mcnc/little_endian.h"

namespace mcnc::tools {
namespace {

// An OCP 8-bit float with `mantissa_bits` bits of mantissa; is_finite: it has no infinities, and one NaN a sign.
double small_float(std::uint8_t bits, int mantissa_bits, bool is_finite) {
  const int exponent_bits = 7 - mantissa_bits;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = (bits & 0x7F) >> mantissa_bits;
  const int mantissa = bits & ((1 << mantissa_bits) - 1);
  const int top = (1 << exponent_bits) - 1;
  const double sign = (bits & 0x80) != 0 ? -1 : 1;
  if (is_finite && (bits & 0x7F) == 0x7F) return NAN;
  if (!is_finite && exponent == top) return mantissa == 0 ? sign * INFINITY : NAN;
  const double fraction = exponent == 0 ? mantissa : mantissa + (1 << mantissa_bits);
  return sign * std::ldexp(fraction, std::max(exponent, 1) - bias - mantissa_bits);
}

template <typename Integer>
double integer_at(const std::byte* bytes) {
  return static_cast<double>(static_cast<Integer>(load_le<std::make_unsigned_t<Integer>>(bytes)));
}

}  // namespace

double value_at(const std::byte* bytes, DType dtype) {
  switch (dtype) {
    case DType::kF32:
    case DType::kF16:
    case DType::kBf16: {
      float value = 0;
      widen({bytes, size_of(dtype)}, dtype, std::span(&value, 1));
      return value;
    }
    case DType::kF64:
      return std::bit_cast<double>(load_le<std::uint64_t>(bytes));
    case DType::kI8:
      return integer_at<std::int8_t>(bytes);
    case DType::kI16:
      return integer_at<std::int16_t>(bytes);
    case DType::kI32:
      return integer_at<std::int32_t>(bytes);
    case DType::kI64:
      return integer_at<std::int64_t>(bytes);
    case DType::kU8:
    case DType::kBool:
      return integer_at<std::uint8_t>(bytes);
    case DType::kU16:
      return integer_at<std::uint16_t>(bytes);
    case DType::kU32:
      return integer_at<std::uint32_t>(bytes);
    case DType::kU64:
      return integer_at<std::uint64_t>(bytes);
    case DType::kF8E4M3:
      return small_float(load_le<std::uint8_t>(bytes), 3, true);
    case DType::kF8E5M2:
      return small_float(load_le<std::uint8_t>(bytes), 2, false);
  }
  return 0;
}

}  // namespace mcnc::tools
