// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_MANIFEST_VALIDATE_H_
#define MCNC_MANIFEST_VALIDATE_H_

#include <cstdint>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

// Every rule that a manifest can break by itself, one function each, in the order of spec section "validation"; the
// first one broken is returned. manifest_end, file_length: bytes from the start of the file.
Status validate(const Manifest& manifest, std::uint64_t manifest_end, std::uint64_t file_length);

// The ranges that numbers of a file must keep, so that no weight can become infinite or NaN: the outputs of an integer
// generator stay below 2^31, those of a float32 one below 2^53, and at most 2^16 codes are added up.
inline constexpr float kMaxTheta0 = 0x1p64F;
inline constexpr float kMaxScale = 0x1p48F;
inline constexpr float kMaxFloat = 0x1p16F;  // weights, biases, turns, scales and alpha of the float32 arithmetic
inline constexpr float kMaxFactor = 0x1p40F;
inline constexpr std::uint64_t kMaxRank = std::uint64_t{1} << 16;

constexpr float max_beta(Arithmetic arithmetic) noexcept {
  return arithmetic == Arithmetic::kInteger ? 0x1p64F : 0x1p48F;
}

}  // namespace mcnc

#endif  // MCNC_MANIFEST_VALIDATE_H_
