// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The sine of the float32 arithmetic (spec section "float32 arithmetic").
#ifndef MCNC_ARITHMETIC_TURN_SINE_H_
#define MCNC_ARITHMETIC_TURN_SINE_H_

#include "arithmetic/fma32.h"

namespace mcnc {

// float32 operations, each rounded once, as any processor has them.
struct PortableFloat {
  static constexpr float add(float a, float b) noexcept { return a + b; }
  static constexpr float subtract(float a, float b) noexcept { return a - b; }
  static constexpr float multiply(float a, float b) noexcept { return a * b; }
  static constexpr float fused(float a, float b, float c) noexcept { return fma32(a, b, c); }
};

// sin(2 pi r). r: turns, finite. Reduced to a quarter turn by exact operations, then an odd polynomial of degree 9;
// largest error against the true sine of r: 1.8e-7. Float: PortableFloat, or the same operations as an accelerator
// names them.
template <typename Float = PortableFloat>
constexpr float turn_sine(float r) noexcept {
  constexpr float kAllInteger = 0x1p23F;  // from here on every float32 is a whole number of turns
  const bool negative = r < 0;
  const float magnitude = negative ? -r : r;
  // Adding and taking off 2^23 rounds to the nearest whole number, ties to even.
  const float whole =
      magnitude < kAllInteger ? Float::subtract(Float::add(magnitude, kAllInteger), kAllInteger) : magnitude;
  // -1/2 to 1/2, then -1/4 to 1/4, both exact.
  const float f = negative ? Float::subtract(whole, magnitude) : Float::subtract(magnitude, whole);
  const float t = f > 0.25F ? Float::subtract(0.5F, f) : f < -0.25F ? Float::subtract(-0.5F, f) : f;
  const float u = Float::multiply(t, t);
  float p = 0x1.3c4b2cp5F;
  p = Float::fused(p, u, -0x1.3232fap6F);
  p = Float::fused(p, u, 0x1.46676ep6F);
  p = Float::fused(p, u, -0x1.4abbb6p5F);
  p = Float::fused(p, u, 0x1.921fb4p2F);
  return Float::multiply(t, p);
}

}  // namespace mcnc

#endif  // MCNC_ARITHMETIC_TURN_SINE_H_
