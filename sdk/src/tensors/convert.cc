// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/convert.h"

#include <stdexcept>
#include <string>

#include "kernels/scalar_convert.h"

namespace mcnc {
DType dtype_of(AlphaType type) noexcept {
  switch (type) {
    case AlphaType::kInt8:
      return DType::kI8;
    case AlphaType::kInt16:
      return DType::kI16;
    case AlphaType::kF32:
      return DType::kF32;
    case AlphaType::kF16:
      return DType::kF16;
    case AlphaType::kBf16:
      break;
  }
  return DType::kBf16;
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

FloatType float_type_of(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return FloatType::kF32;
    case DType::kF16:
      return FloatType::kF16;
    case DType::kBf16:
      return FloatType::kBf16;
    case DType::kF64:
    case DType::kI8:
    case DType::kI16:
    case DType::kI32:
    case DType::kI64:
    case DType::kU8:
    case DType::kU16:
    case DType::kU32:
    case DType::kU64:
    case DType::kBool:
    case DType::kF8E4M3:
    case DType::kF8E5M2:
      break;
  }
  throw std::invalid_argument("numbers of type " + std::string(name(dtype)) + " are not converted to or from float32");
}

std::size_t size_of(FloatType type) noexcept {
  switch (type) {
    case FloatType::kF16:
    case FloatType::kBf16:
      return 2;
    case FloatType::kF32:
      break;
  }
  return 4;
}

void narrow(std::span<const float> values, FloatType type, std::span<std::byte> out) noexcept {
  scalar::narrow(values.data(), values.size(), type, false, out.data());
}

void widen(std::span<const std::byte> bytes, FloatType type, std::span<float> values) noexcept {
  scalar::widen(bytes.data(), values.size(), type, values.data());
}

void narrow(std::span<const float> values, DType dtype, std::span<std::byte> out) {
  narrow(values, float_type_of(dtype), out);
}

void widen(std::span<const std::byte> bytes, DType dtype, std::span<float> values) {
  widen(bytes, float_type_of(dtype), values);
}

}  // namespace mcnc
