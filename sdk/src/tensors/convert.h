// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// float32 to the narrower types and back, in integer arithmetic: no hardware conversion, no rounding mode.
#ifndef MCNC_TENSORS_CONVERT_H_
#define MCNC_TENSORS_CONVERT_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/kernels.h"
#include "mcnc/manifest.h"

namespace mcnc {

// Round to nearest even; too large becomes infinity; subnormals are kept. NaN does not occur (rules codes.beta,
// tensor.theta0).
std::uint16_t f16_from_f32(float value) noexcept;
std::uint16_t bf16_from_f32(float value) noexcept;

// Exact.
float f32_from_f16(std::uint16_t bits) noexcept;
float f32_from_bf16(std::uint16_t bits) noexcept;

// The element type in which codes of these types are stored.
DType dtype_of(AlphaType type) noexcept;
DType dtype_of(BetaType type) noexcept;

// f32, f16 or bf16, as kernels call it. Throws std::invalid_argument for every other type: nothing is read as floats
// that is none. Where a file or a caller chose the type, a rule or the caller's own check has refused the others
// before.
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

#endif  // MCNC_TENSORS_CONVERT_H_
