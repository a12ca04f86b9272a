// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Elements of a tensor as bytes, to and from float32.
#ifndef MCNC_TENSORS_CONVERT_H_
#define MCNC_TENSORS_CONVERT_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "arithmetic/half.h"
#include "kernels/kernels.h"
#include "mcnc/manifest.h"

namespace mcnc {

// The element type in which codes of these types are stored. alpha: f32, f16 or bf16.
DType dtype_of(AlphaType type) noexcept;
DType dtype_of(BetaType type) noexcept;

// f32, f16 or bf16, as kernels call it.
FloatType float_type_of(DType dtype) noexcept;

// Writes `values` as little-endian elements of `dtype` (f32, f16 or bf16). out: values.size() * size_of(dtype) bytes.
void narrow(std::span<const float> values, DType dtype, std::span<std::byte> out);

// The reverse. bytes: values.size() * size_of(dtype).
void widen(std::span<const std::byte> bytes, DType dtype, std::span<float> values);

}  // namespace mcnc

#endif  // MCNC_TENSORS_CONVERT_H_
