// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "arithmetic/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace mcnc {
namespace {

TEST(F16, EveryValueSurvives) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float wide = f32_from_f16(half);
    if (std::isnan(wide)) continue;
    EXPECT_EQ(f16_from_f32(wide), half) << bits;
  }
  EXPECT_EQ(f32_from_f16(0x0001), 0x1p-24F);
  EXPECT_EQ(f32_from_f16(0x3C00), 1.0F);
  EXPECT_EQ(f32_from_f16(0x7BFF), 65504.0F);
  EXPECT_EQ(f32_from_f16(0xFC00), -std::numeric_limits<float>::infinity());
}

// Between any two neighbours: below the middle goes down, above it up, the middle to the even one.
TEST(F16, RoundsToNearestEven) {
  for (std::uint32_t bits = 0; bits < 0x7BFF; ++bits) {
    const double low = f32_from_f16(static_cast<std::uint16_t>(bits));
    const double high = f32_from_f16(static_cast<std::uint16_t>(bits + 1));
    const auto middle = static_cast<float>((low + high) / 2);
    EXPECT_EQ(f16_from_f32(middle), bits + (bits & 1U)) << bits;
    EXPECT_EQ(f16_from_f32(std::nextafter(middle, 0.0F)), bits) << bits;
    EXPECT_EQ(f16_from_f32(std::nextafter(middle, 1e9F)), bits + 1) << bits;
  }
  EXPECT_EQ(f16_from_f32(65519.99F), 0x7BFF);
  EXPECT_EQ(f16_from_f32(65520.0F), 0x7C00);
  EXPECT_EQ(f16_from_f32(-65536.0F), 0xFC00);
  EXPECT_EQ(f16_from_f32(std::numeric_limits<float>::infinity()), 0x7C00);
  EXPECT_EQ(f16_from_f32(-0.0F), 0x8000);
  EXPECT_EQ(f16_from_f32(0x1p-149F), 0x0000);
}

TEST(Bf16, EveryValueSurvivesAndTiesGoToEven) {
  for (std::uint32_t bits = 0; bits < 0x7F80; ++bits) {
    EXPECT_EQ(bf16_from_f32(f32_from_bf16(static_cast<std::uint16_t>(bits))), bits);
    EXPECT_EQ(bf16_from_f32(std::bit_cast<float>((bits << 16) | 0x8000U)), bits + (bits & 1U));
    EXPECT_EQ(bf16_from_f32(std::bit_cast<float>((bits << 16) | 0x7FFFU)), bits);
    EXPECT_EQ(bf16_from_f32(std::bit_cast<float>((bits << 16) | 0x8001U)), bits + 1);
  }
}

}  // namespace
}  // namespace mcnc
