// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The one switch over activations that vector code has. It stands outside of it, because compilers give no warnings for
// code that Highway's headers include once more for each target, those of -Wswitch neither. Vector code takes the
// activation as a constant instead, and asserts that it is one that it knows.
#ifndef MCNC_KERNELS_BY_ACTIVATION_H_
#define MCNC_KERNELS_BY_ACTIVATION_H_

#include "mcnc/manifest.h"

namespace mcnc {

// Returns with.operator()<activation>(). Always inlined: `with` can then be, too, which is code for the target.
template <typename With>
[[gnu::always_inline]] inline auto by_activation(Activation activation, const With& with) {
  switch (activation) {
    case Activation::kSine:
      return with.template operator()<Activation::kSine>();
    case Activation::kIdentity:
      break;
  }
  return with.template operator()<Activation::kIdentity>();
}

}  // namespace mcnc

#endif  // MCNC_KERNELS_BY_ACTIVATION_H_
