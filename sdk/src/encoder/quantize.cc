// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "encoder/quantize.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "mcnc/convert.h"
#include "mcnc/little_endian.h"
#include "util/power_of_two.h"

namespace mcnc {
namespace {

// Of float16; the wider types could hold more, but no chunk has any use for it.
constexpr float kLargestBeta = 65504.0F;

}  // namespace

std::int32_t largest_alpha(AlphaType type) noexcept { return type == AlphaType::kInt8 ? 127 : 32767; }

std::int32_t round_alpha(float master, AlphaType type) noexcept {
  const auto largest = static_cast<float>(largest_alpha(type));
  return static_cast<std::int32_t>(std::nearbyint(std::clamp(master, -largest, largest)));
}

std::vector<std::byte> pack_alpha(std::span<const std::int32_t> alpha, std::uint32_t code_dim, AlphaType type) {
  const std::size_t codes = alpha.size() / code_dim;
  std::vector<std::byte> planar(alpha.size() * size_of(type));
  std::byte* out = planar.data();
  for (std::uint32_t i = 0; i < code_dim; ++i) {
    for (std::size_t c = 0; c < codes; ++c, out += size_of(type)) {
      const std::int32_t a = alpha[c * code_dim + i];
      if (type == AlphaType::kInt8) {
        store_le(out, static_cast<std::uint8_t>(a));
      } else {
        store_le(out, static_cast<std::uint16_t>(a));
      }
    }
  }
  return planar;
}

std::int8_t choose_beta_exponent(std::uint32_t chunk_dim) noexcept {
  const int log2_floor = static_cast<int>(std::bit_width(chunk_dim)) - 1;
  return static_cast<std::int8_t>(-15 - log2_floor / 2);
}

float chunk_norm(std::uint32_t chunk_dim, std::int8_t beta_exponent) noexcept {
  return 32767 * power_of_two(beta_exponent) * std::sqrt(static_cast<float>(chunk_dim) / 2.0F);
}

std::vector<std::byte> pack_beta(std::span<const float> masters, BetaType type) {
  std::vector<float> clamped(masters.size());
  std::transform(masters.begin(), masters.end(), clamped.begin(),
                 [](float beta) { return std::clamp(beta, -kLargestBeta, kLargestBeta); });
  std::vector<std::byte> bytes(masters.size() * size_of(type));
  narrow(clamped, dtype_of(type), bytes);
  return bytes;
}

void unpack_beta(std::span<const std::byte> bytes, BetaType type, std::int8_t exponent, std::span<float> beta) {
  widen(bytes, dtype_of(type), beta);
  const float scale = power_of_two(exponent);
  for (float& b : beta) b = b * scale;
}

}  // namespace mcnc
