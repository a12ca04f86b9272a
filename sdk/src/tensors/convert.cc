// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "tensors/convert.h"

#include <bit>
#include <stdexcept>
#include <string>

#include "base/little_endian.h"

namespace mcnc {
namespace {

// `value` >> `shift`, rounded to nearest, ties to even. shift: 1 to 31.
constexpr std::uint32_t shift_right_rounded(std::uint32_t value, unsigned shift) noexcept {
  const std::uint32_t half = std::uint32_t{1} << (shift - 1);
  const std::uint32_t odd = (value >> shift) & 1U;
  return (value + half - 1 + odd) >> shift;
}

// Bits, because a float that 32-bit x86 returns comes through a register that changes signaling NaNs.
std::uint32_t f32_bits_from_f16(std::uint16_t half) noexcept {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1FU;
  std::uint32_t mantissa = half & 0x3FFU;
  if (exponent == 31) return sign | 0x7F800000U | (mantissa << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (mantissa << 13);
  if (mantissa == 0) return sign;
  const auto shift = static_cast<std::uint32_t>(std::countl_zero(mantissa)) - 21;  // to bit 10, the hidden one
  mantissa = (mantissa << shift) & 0x3FFU;
  return sign | ((113 - shift) << 23) | (mantissa << 13);
}

}  // namespace

std::uint16_t f16_from_f32(float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  const std::uint32_t exponent = magnitude >> 23;
  std::uint32_t half = 0;
  if (magnitude > 0x7F800000U) {
    half = 0x7E00U;  // NaN
  } else if (exponent >= 143) {
    half = 0x7C00U;  // 2^16 and above, and infinity
  } else if (exponent >= 113) {
    half = shift_right_rounded(magnitude - (std::uint32_t{112} << 23), 13);  // carries into infinity where it must
  } else if (exponent >= 102) {
    half = shift_right_rounded((magnitude & 0x7FFFFFU) | 0x800000U, 126 - exponent);  // subnormal
  }
  return static_cast<std::uint16_t>(sign | half);
}

std::uint16_t bf16_from_f32(float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<std::uint16_t>((bits >> 16) | 0x40U);  // NaN stays one
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

float f32_from_f16(std::uint16_t half) noexcept { return std::bit_cast<float>(f32_bits_from_f16(half)); }

float f32_from_bf16(std::uint16_t bits) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

DType dtype_of(AlphaType type) noexcept {
  switch (type) {
    case AlphaType::kInt8:
      return DType::kI8;
    case AlphaType::kInt16:
      return DType::kI16;
    case AlphaType::kF32:
      return DType::kF32;
    case AlphaType::kF16:
      return DType::kF16;
    case AlphaType::kBf16:
      break;
  }
  return DType::kBf16;
}

DType dtype_of(BetaType type) noexcept {
  switch (type) {
    case BetaType::kF16:
      return DType::kF16;
    case BetaType::kBf16:
      return DType::kBf16;
    case BetaType::kF32:
      break;
  }
  return DType::kF32;
}

FloatType float_type_of(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return FloatType::kF32;
    case DType::kF16:
      return FloatType::kF16;
    case DType::kBf16:
      return FloatType::kBf16;
    case DType::kF64:
    case DType::kI8:
    case DType::kI16:
    case DType::kI32:
    case DType::kI64:
    case DType::kU8:
    case DType::kU16:
    case DType::kU32:
    case DType::kU64:
    case DType::kBool:
    case DType::kF8E4M3:
    case DType::kF8E5M2:
      break;
  }
  throw std::invalid_argument("numbers of type " + std::string(name(dtype)) + " are not converted to or from float32");
}

std::size_t size_of(FloatType type) noexcept {
  switch (type) {
    case FloatType::kF16:
    case FloatType::kBf16:
      return 2;
    case FloatType::kF32:
      break;
  }
  return 4;
}

void narrow(std::span<const float> values, FloatType type, std::span<std::byte> out) noexcept {
  for (std::size_t i = 0; i < values.size(); ++i) {
    switch (type) {
      case FloatType::kF16:
        store_le(out.data() + 2 * i, f16_from_f32(values[i]));
        break;
      case FloatType::kBf16:
        store_le(out.data() + 2 * i, bf16_from_f32(values[i]));
        break;
      case FloatType::kF32:
        store_le(out.data() + 4 * i, std::bit_cast<std::uint32_t>(values[i]));
        break;
    }
  }
}

void widen(std::span<const std::byte> bytes, FloatType type, std::span<float> values) noexcept {
  for (std::size_t i = 0; i < values.size(); ++i) {
    switch (type) {
      case FloatType::kF16:
        values[i] = std::bit_cast<float>(f32_bits_from_f16(load_le<std::uint16_t>(bytes.data() + 2 * i)));
        break;
      case FloatType::kBf16:
        values[i] = std::bit_cast<float>(std::uint32_t{load_le<std::uint16_t>(bytes.data() + 2 * i)} << 16);
        break;
      case FloatType::kF32:
        values[i] = std::bit_cast<float>(load_le<std::uint32_t>(bytes.data() + 4 * i));
        break;
    }
  }
}

void narrow(std::span<const float> values, DType dtype, std::span<std::byte> out) {
  narrow(values, float_type_of(dtype), out);
}

void widen(std::span<const std::byte> bytes, DType dtype, std::span<float> values) {
  widen(bytes, float_type_of(dtype), values);
}

}  // namespace mcnc
