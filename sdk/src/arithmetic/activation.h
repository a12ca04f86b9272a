// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What every activation is: whether it has a phase, and what a unit of integer arithmetic makes of its accumulator
// (spec section "integer arithmetic").
#ifndef MCNC_ARITHMETIC_ACTIVATION_H_
#define MCNC_ARITHMETIC_ACTIVATION_H_

#include <cstdint>

#include "arithmetic/sine.h"
#include "mcnc/manifest.h"

namespace mcnc {

// Whether layers of this activation turn their accumulator into a phase, so that they have a frequency or turns and
// bounded outputs.
constexpr bool has_phase(Activation activation) noexcept {
  switch (activation) {
    case Activation::kSine:
      return true;
    case Activation::kIdentity:
      break;
  }
  return false;
}

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

// How fast the output of a layer with a phase grows with it, Q15: 32767 where that is fastest.
constexpr std::int16_t slope(Activation activation, std::uint32_t frequency, std::uint32_t acc) noexcept {
  switch (activation) {
    case Activation::kSine:
      return sine(quarter_ahead(phase_of(frequency, acc)));
    case Activation::kIdentity:
      break;
  }
  return 32767;
}

}  // namespace mcnc

#endif  // MCNC_ARITHMETIC_ACTIVATION_H_
