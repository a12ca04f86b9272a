// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/scalar_convert.h"

#include <bit>

#include "arithmetic/half.h"
#include "mcnc/little_endian.h"

namespace mcnc::scalar {

void narrow(const float* values, std::size_t n, FloatType type, bool /*streaming*/, std::byte* out) {
  for (std::size_t i = 0; i < n; ++i) {
    switch (type) {
      case FloatType::kF32:
        store_le(out + 4 * i, std::bit_cast<std::uint32_t>(values[i]));
        break;
      case FloatType::kF16:
        store_le(out + 2 * i, f16_from_f32(values[i]));
        break;
      case FloatType::kBf16:
        store_le(out + 2 * i, bf16_from_f32(values[i]));
        break;
    }
  }
}

void widen(const std::byte* in, std::size_t n, FloatType type, float* values) {
  for (std::size_t i = 0; i < n; ++i) {
    switch (type) {
      case FloatType::kF32:
        values[i] = std::bit_cast<float>(load_le<std::uint32_t>(in + 4 * i));
        break;
      case FloatType::kF16:
        values[i] = std::bit_cast<float>(f32_bits_from_f16(load_le<std::uint16_t>(in + 2 * i)));
        break;
      case FloatType::kBf16:
        values[i] = std::bit_cast<float>(std::uint32_t{load_le<std::uint16_t>(in + 2 * i)} << 16);
        break;
    }
  }
}

}  // namespace mcnc::scalar
