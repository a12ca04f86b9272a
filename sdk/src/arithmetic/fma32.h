// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// a * b + c with one rounding, on any hardware.
#ifndef MCNC_ARITHMETIC_FMA32_H_
#define MCNC_ARITHMETIC_FMA32_H_

#include <bit>
#include <cstdint>

namespace mcnc {

// What IEEE 754 fusedMultiplyAdd gives, for finite arguments and results. The product of two float32 is exact in
// float64; their sum is rounded to odd there, and rounding that to float32 is then the only rounding that counts
// (Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums", IEEE ToC 2008).
constexpr float fma32(float a, float b, float c) noexcept {
  const double product = static_cast<double>(a) * static_cast<double>(b);
  const double addend = static_cast<double>(c);
  const double sum = product + addend;
  const double back = sum - product;
  const double error = (product - (sum - back)) + (addend - back);
  auto bits = std::bit_cast<std::uint64_t>(sum);
  if (error != 0 && (bits & 1U) == 0) bits += (error > 0) == (sum > 0) ? 1 : ~std::uint64_t{0};
  return static_cast<float>(std::bit_cast<double>(bits));
}

}  // namespace mcnc

#endif  // MCNC_ARITHMETIC_FMA32_H_
