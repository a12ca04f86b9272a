// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Elements of a tensor as bytes, to and from float32 (spec section "narrowing"). All functions are thread-safe, and
// results do not depend on the floating-point environment.
#ifndef MCNC_CONVERT_H_
#define MCNC_CONVERT_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "mcnc/manifest.h"

namespace mcnc {

// The element types that weights are narrowed to and widened from.
enum class FloatType : std::uint8_t { kF32, kF16, kBf16 };

// The element type in which codes of these types are stored.
DType dtype_of(AlphaType type) noexcept;
DType dtype_of(BetaType type) noexcept;

// f32, f16 or bf16. Throws std::invalid_argument for every other type (see is_float): nothing else is read as floats.
// Where a file or a user chose the type, a rule or a check of the caller's has refused the others before.
FloatType float_type_of(DType dtype);

std::size_t size_of(FloatType type) noexcept;  // bytes of one element: 2 or 4

// Writes `values` as little-endian elements. out: values.size() * size_of(type) bytes.
void narrow(std::span<const float> values, FloatType type, std::span<std::byte> out) noexcept;

// The reverse, exact. bytes: values.size() * size_of(type).
void widen(std::span<const std::byte> bytes, FloatType type, std::span<float> values) noexcept;

// Both of float_type_of(dtype).
void narrow(std::span<const float> values, DType dtype, std::span<std::byte> out);
void widen(std::span<const std::byte> bytes, DType dtype, std::span<float> values);

}  // namespace mcnc

#endif  // MCNC_CONVERT_H_
