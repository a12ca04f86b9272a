// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What a unit of integer arithmetic makes of its accumulator, for every activation (spec section "integer arithmetic").
#ifndef MCNC_ARITHMETIC_ACTIVATION_H_
#define MCNC_ARITHMETIC_ACTIVATION_H_

#include <cstdint>

#include "arithmetic/sine.h"
#include "mcnc/manifest.h"

namespace mcnc {

// The output of a last layer: Q15 for a sine; for identity the accumulator, which rule generator.bound keeps from
// wrapping. A hidden layer narrows it by narrow_activation.
constexpr std::int32_t activate(Activation activation, std::uint32_t frequency, std::uint32_t acc) noexcept {
  switch (activation) {
    case Activation::kSine:
      return sine(phase_of(frequency, acc));
    case Activation::kIdentity:
      break;
  }
  return static_cast<std::int32_t>(acc);
}

}  // namespace mcnc

#endif  // MCNC_ARITHMETIC_ACTIVATION_H_
