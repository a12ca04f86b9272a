// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "arithmetic/fma32.h"
#include "arithmetic/philox.h"
#include "arithmetic/turn_sine.h"
#include "support/reference.h"

namespace mcnc {
namespace {

std::uint32_t bits(float value) { return std::bit_cast<std::uint32_t>(value); }

// A float32 of any exponent from a random word; of exponent near `exponent` where that is not 0.
float any_float(std::uint32_t word, int exponent) {
  if (exponent == 0) return std::bit_cast<float>(word);
  const float mantissa = 1 + static_cast<float>(word & 0x7FFFFF) * 0x1p-23F;
  return std::ldexp((word >> 31) != 0 ? -mantissa : mantissa, exponent + static_cast<int>((word >> 23) & 63) - 31);
}

TEST(Fma32, IsTheFusedMultiplyAddOfIeee754) {
  const RandomStream random(3, Domain::kEncoder, 0);
  int compared = 0;
  for (std::uint64_t i = 0; i < 300000; ++i) {
    const PhiloxBlock block = random.block(i);
    const float a = any_float(block[0], 0);
    const float b = any_float(block[1], 0);
    const bool near = i % 2 == 0 && a != 0 && b != 0 && std::isfinite(a) && std::isfinite(b);
    const float c = any_float(block[2], near ? std::ilogb(a) + std::ilogb(b) : 0);
    const float expected = std::fma(a, b, c);
    if (!std::isfinite(a) || !std::isfinite(b) || !std::isfinite(c) || !std::isfinite(expected)) continue;
    ASSERT_EQ(bits(fma32(a, b, c)), bits(expected)) << std::hexfloat << a << ' ' << b << ' ' << c;
    ++compared;
  }
  EXPECT_GT(compared, 100000);
}

TEST(Fma32, RoundsOnceWhereTwoRoundingsDiffer) {
  // The exact sum lies just above the middle of two float32, by less than float64 can hold beside it.
  const float a = 1 + 0x1p-23F;
  EXPECT_EQ(fma32(a, 0x1p-24F, 1.0F), 1 + 0x1p-23F);
  EXPECT_EQ(fma32(0x1p-24F, 1.0F, 1.0F), 1.0F);
  EXPECT_EQ(fma32(0x1p-24F, 1.0F + 0x1p-23F, 0x1.000002p0F), 0x1.000004p0F);
  EXPECT_EQ(bits(fma32(0x1p-75F, 0x1p-75F, -0.0F)), bits(0.0F));
  EXPECT_EQ(bits(fma32(-0.0F, 1.0F, -0.0F)), bits(-0.0F));
}

TEST(TurnSine, ErrorAgainstTheTrueSine) {
  double worst = 0;
  for (std::uint32_t b = 0; b <= bits(4.0F); b += 997) {
    const float r = std::bit_cast<float>(b);
    const double truth = std::sin(2 * std::numbers::pi * std::fmod(static_cast<double>(r), 1.0));
    worst = std::max(worst, std::fabs(turn_sine(r) - truth));
    ASSERT_EQ(turn_sine(-r), -turn_sine(r));
  }
  EXPECT_LT(worst, 1.8e-7);
}

TEST(TurnSine, WholeAndHalfTurns) {
  for (const float r : {0.0F, 0.5F, 1.0F, 8388607.0F, 8388608.0F, 1e30F}) EXPECT_EQ(turn_sine(r), 0.0F) << r;
  EXPECT_NEAR(turn_sine(0.25F), 1.0F, 1e-7);
  EXPECT_NEAR(turn_sine(4194303.25F), 1.0F, 1e-7);
}

ReferenceGenerator paper_generator(std::vector<std::uint32_t> widths, std::uint32_t k, bool unit_norm = false) {
  Generator generator{
      .arithmetic = Arithmetic::kFloat32, .code_dim = k, .seed = 11, .layers = {}, .unit_norm = unit_norm};
  for (const std::uint32_t width : widths) {
    generator.layers.push_back({.width = width, .turns = 0.7F, .weights_scale = 1.0F / static_cast<float>(k)});
  }
  return expand_float(generator);
}

// The shapes of the paper against the same network in float64 and libm.
TEST(FloatGenerator, PaperShapesAgreeWithFloat64) {
  for (const auto& [k, widths] : {std::pair<std::uint32_t, std::vector<std::uint32_t>>{5, {32, 32, 5000}},
                                  {9, {100, 100, 1000}},
                                  {16, {24, 1600}}}) {
    const ReferenceGenerator generator = paper_generator(widths, k);
    std::vector<float> alpha(k);
    for (std::uint32_t i = 0; i < k; ++i) alpha[i] = 0.3F * static_cast<float>(i) - 1;
    std::vector<float> g(widths.back());
    generate(generator, alpha, 0, g);

    std::vector<double> x(alpha.begin(), alpha.end());
    for (const ReferenceLayer& layer : generator.layers) {
      std::vector<double> y(layer.width, 0.0);
      for (std::size_t i = 0; i < x.size(); ++i) {
        for (std::size_t j = 0; j < y.size(); ++j) y[j] += layer.weights[i * layer.width + j] * x[i];
      }
      for (double& value : y) value = std::sin(2 * std::numbers::pi * layer.turns * value);
      x = y;
    }
    for (std::size_t j = 0; j < g.size(); ++j) ASSERT_NEAR(g[j], x[j], 2e-5) << j;
  }
}

TEST(FloatGenerator, PartsOfAChunkAreTheChunk) {
  for (const bool unit_norm : {false, true}) {
    const ReferenceGenerator generator = paper_generator({7, 53}, 3, unit_norm);
    const std::vector<float> alpha = {0.5F, -2, 1};
    std::vector<float> whole(53);
    generate(generator, alpha, 0, whole);
    for (std::size_t first = 0; first < 53; ++first) {
      std::vector<float> part((53 - first + 1) / 2);
      generate(generator, alpha, first, part);
      for (std::size_t j = 0; j < part.size(); ++j) ASSERT_EQ(bits(part[j]), bits(whole[first + j]));
    }
    double squares = 0;
    for (const float value : whole) squares += double{value} * value;
    if (unit_norm) {
      EXPECT_NEAR(squares, 1.0, 1e-6);
    }
  }
}

TEST(FloatGenerator, BiasIsAddedOnceAfterTheProducts) {
  ReferenceLayer layer{1, 2, Activation::kIdentity, 0, {0x1p-24F, 1}, {1, -1}};
  std::vector<float> acc(2);
  accumulate(layer, std::vector<float>{3}, 0, acc);
  EXPECT_EQ(acc, (std::vector<float>{1 + 0x1p-22F, 2}));
}

}  // namespace
}  // namespace mcnc
