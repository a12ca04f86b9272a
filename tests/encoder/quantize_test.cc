// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "encoder/quantize.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace mcnc {
namespace {

TEST(Quantize, AlphaIsNearestAndSymmetric) {
  EXPECT_EQ(round_alpha(0.5F, AlphaType::kInt8), 0);
  EXPECT_EQ(round_alpha(1.5F, AlphaType::kInt8), 2);
  EXPECT_EQ(round_alpha(-2.6F, AlphaType::kInt8), -3);
  EXPECT_EQ(round_alpha(1e9F, AlphaType::kInt8), 127);
  EXPECT_EQ(round_alpha(-1e9F, AlphaType::kInt8), -127);
  EXPECT_EQ(round_alpha(-1e9F, AlphaType::kInt16), -32767);
}

TEST(Quantize, AlphaIsPlanarAndLittleEndian) {
  const std::array<std::int32_t, 6> alpha = {1, -2, 3, 4, -5, 300};  // 2 codes of 3
  const std::vector<std::byte> wide = pack_alpha(alpha, 3, AlphaType::kInt16);
  const std::array<std::uint8_t, 12> expected = {1, 0, 4, 0, 0xFE, 0xFF, 0xFB, 0xFF, 3, 0, 0x2C, 1};
  ASSERT_EQ(wide.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(static_cast<std::uint8_t>(wide[i]), expected[i]) << i;

  const std::vector<std::byte> narrow = pack_alpha(std::span(alpha).first(4), 2, AlphaType::kInt8);
  EXPECT_EQ(narrow, (std::vector{std::byte{1}, std::byte{3}, std::byte{0xFE}, std::byte{4}}));
}

TEST(Quantize, BetaExponentKeepsStoredValuesNearOne) {
  for (std::uint32_t chunk_dim = 1; chunk_dim <= std::uint32_t{1} << 28; chunk_dim = chunk_dim * 3 / 2 + 1) {
    const float norm = chunk_norm(chunk_dim, choose_beta_exponent(chunk_dim));
    EXPECT_GT(norm, 0.5F) << chunk_dim;
    EXPECT_LT(norm, 2.0F) << chunk_dim;
  }
}

TEST(Quantize, BetaRoundTripsAndStaysFinite) {
  const std::array<float, 4> masters = {1.0F, -0.3F, 1e30F, -1e30F};
  for (const BetaType type : {BetaType::kF32, BetaType::kF16, BetaType::kBf16}) {
    std::array<float, 4> beta{};
    unpack_beta(pack_beta(masters, type), type, -20, beta);
    EXPECT_EQ(beta[0], 0x1p-20F);
    EXPECT_NEAR(beta[1] * 0x1p20F, -0.3F, 2e-3F);
    EXPECT_TRUE(std::isfinite(beta[2]));
    EXPECT_EQ(beta[2], -beta[3]);
  }
}

}  // namespace
}  // namespace mcnc
