// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// From the numbers that are trained to the numbers a file can hold. Training sees the latter from its first step on.
#ifndef MCNC_ENCODER_QUANTIZE_H_
#define MCNC_ENCODER_QUANTIZE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mcnc/manifest.h"

namespace mcnc {

// Codes are symmetric: -128 and -32768 are left out.
std::int32_t largest_alpha(AlphaType type) noexcept;

// The nearest code, ties to even. master is finite.
std::int32_t round_alpha(float master, AlphaType type) noexcept;

// Code-major (codes, code_dim) to the planar segment of a file.
std::vector<std::byte> pack_alpha(std::span<const std::int32_t> alpha, std::uint32_t code_dim, AlphaType type);

// The exponent with which a stored beta of 1 makes chunks of norm near 1: 2^-15 for Q15, and about sqrt(1 / chunk_dim).
// So float16 stays far from its subnormals.
std::int8_t choose_beta_exponent(std::uint32_t chunk_dim) noexcept;

// Norm of a chunk of one code at stored beta 1, where the phases of the generator cover the circle.
float chunk_norm(std::uint32_t chunk_dim, std::int8_t beta_exponent) noexcept;

// The stored bytes of `masters`, those beyond the type's range at its end.
std::vector<std::byte> pack_beta(std::span<const float> masters, BetaType type);

// What a decoder makes of those bytes.
void unpack_beta(std::span<const std::byte> bytes, BetaType type, std::int8_t exponent, std::span<float> beta);

}  // namespace mcnc

#endif  // MCNC_ENCODER_QUANTIZE_H_
