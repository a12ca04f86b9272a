// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/scalar_convert.h"

#include <span>

#include "mcnc/manifest.h"
#include "tensors/convert.h"

namespace mcnc::scalar {
namespace {

DType dtype_of(FloatType type) noexcept {
  switch (type) {
    case FloatType::kF16:
      return DType::kF16;
    case FloatType::kBf16:
      return DType::kBf16;
    case FloatType::kF32:
      break;
  }
  return DType::kF32;
}

}  // namespace

void narrow(const float* values, std::size_t n, FloatType type, bool /*past_cache*/, std::byte* out) {
  const DType dtype = dtype_of(type);
  mcnc::narrow({values, n}, dtype, {out, n * size_of(dtype)});
}

void widen(const std::byte* in, std::size_t n, FloatType type, float* values) {
  const DType dtype = dtype_of(type);
  mcnc::widen({in, n * size_of(dtype)}, dtype, {values, n});
}

}  // namespace mcnc::scalar
