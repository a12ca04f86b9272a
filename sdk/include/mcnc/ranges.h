// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The ranges that numbers of a .mcnc file must keep. A model with a number outside of them is refused by the writer and
// by every decoder, so a program that makes models checks its numbers against these before it builds one. All are part
// of format 1.0 and do not change.
#ifndef MCNC_RANGES_H_
#define MCNC_RANGES_H_

#include <cstdint>

#include "mcnc/manifest.h"

namespace mcnc {

// They are chosen so that no weight can become infinite or NaN: the outputs of an integer generator stay below 2^31,
// those of a float32 one below 2^53, and at most 2^16 codes are added up.
inline constexpr float kMaxTheta0 = 0x1p64F;  // magnitude of an element of theta0
inline constexpr float kMaxScale = 0x1p48F;   // Uniform::scale
inline constexpr float kMaxFloat = 0x1p16F;   // weights, biases, turns, scales and alpha of the float32 arithmetic
inline constexpr float kMaxFactor = 0x1p40F;  // magnitude of an element of a factor of a product
inline constexpr std::uint64_t kMaxRank = std::uint64_t{1} << 16;  // of a product: columns of B, rows of A

// The largest magnitude of a beta after its scaling by Codes::beta_exponent.
constexpr float max_beta(Arithmetic arithmetic) noexcept {
  return arithmetic == Arithmetic::kInteger ? 0x1p64F : 0x1p48F;
}

}  // namespace mcnc

#endif  // MCNC_RANGES_H_
