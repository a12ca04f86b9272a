// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "tensors/convert.h"

#include "kernels/scalar_convert.h"

namespace mcnc {
DType dtype_of(AlphaType type) noexcept {
  switch (type) {
    case AlphaType::kF16:
      return DType::kF16;
    case AlphaType::kBf16:
      return DType::kBf16;
    default:
      return DType::kF32;
  }
}

DType dtype_of(BetaType type) noexcept {
  switch (type) {
    case BetaType::kF16:
      return DType::kF16;
    case BetaType::kBf16:
      return DType::kBf16;
    case BetaType::kF32:
      break;
  }
  return DType::kF32;
}

FloatType float_type_of(DType dtype) noexcept {
  switch (dtype) {
    case DType::kF16:
      return FloatType::kF16;
    case DType::kBf16:
      return FloatType::kBf16;
    default:
      return FloatType::kF32;
  }
}

void narrow(std::span<const float> values, DType dtype, std::span<std::byte> out) {
  scalar::narrow(values.data(), values.size(), float_type_of(dtype), false, out.data());
}

void widen(std::span<const std::byte> bytes, DType dtype, std::span<float> values) {
  scalar::widen(bytes.data(), values.size(), float_type_of(dtype), values.data());
}

}  // namespace mcnc
