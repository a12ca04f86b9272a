// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// float16 and bfloat16 from float32 and back, in integer arithmetic: no hardware conversion and no rounding mode can
// change a bit.
#ifndef MCNC_ARITHMETIC_HALF_H_
#define MCNC_ARITHMETIC_HALF_H_

#include <cstdint>

namespace mcnc {

// Round to nearest even; too large becomes infinity; subnormals are kept. NaN does not occur (rules codes.beta,
// tensor.theta0).
std::uint16_t f16_from_f32(float value) noexcept;
std::uint16_t bf16_from_f32(float value) noexcept;

// Exact.
float f32_from_f16(std::uint16_t bits) noexcept;
float f32_from_bf16(std::uint16_t bits) noexcept;

// The bits of f32_from_f16. A float that a function of 32-bit x86 returns comes through a register that changes
// signaling NaNs, so that code which must keep those takes the bits.
std::uint32_t f32_bits_from_f16(std::uint16_t half) noexcept;

}  // namespace mcnc

#endif  // MCNC_ARITHMETIC_HALF_H_
