// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/scalar_convert.h"

#include <span>

#include "tensors/convert.h"

namespace mcnc::scalar {

void narrow(const float* values, std::size_t n, FloatType type, bool /*past_cache*/, std::byte* out) {
  mcnc::narrow({values, n}, type, {out, n * size_of(type)});
}

void widen(const std::byte* in, std::size_t n, FloatType type, float* values) {
  mcnc::widen({in, n * size_of(type)}, type, {values, n});
}

}  // namespace mcnc::scalar
