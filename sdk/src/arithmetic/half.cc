// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "arithmetic/half.h"

#include <bit>

namespace mcnc {
namespace {

// `value` >> `shift`, rounded to nearest, ties to even. shift: 1 to 31.
constexpr std::uint32_t shift_right_rounded(std::uint32_t value, unsigned shift) noexcept {
  const std::uint32_t half = std::uint32_t{1} << (shift - 1);
  const std::uint32_t odd = (value >> shift) & 1U;
  return (value + half - 1 + odd) >> shift;
}

}  // namespace

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

}  // namespace mcnc
