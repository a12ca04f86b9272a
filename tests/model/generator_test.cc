// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <vector>

#include "arithmetic/sine.h"
#include "support/reference.h"

namespace mcnc {
namespace {

const std::vector<std::int32_t> kCode = {5, -7, 100};

std::vector<std::int32_t> outputs(const ExpandedGenerator& generator, std::uint64_t first, std::size_t count) {
  std::vector<std::int32_t> g(count);
  generate(generator, kCode, first, g);
  return g;
}

TEST(Reference, OneSineLayerOfSpecification) {
  const ExpandedGenerator generator =
      expand({.code_dim = 3, .seed = 1, .layers = {{.width = 8, .frequency = 1U << 18}}}, {{}});
  std::vector<std::uint32_t> acc(8);
  accumulate(generator.layers[0], kCode, 0, acc);
  const std::vector<std::int32_t> expected_acc = {10194, 9914, -3624, 1284, 640, 7714, 9526, -8622};
  const std::vector<std::uint16_t> expected_phase = {40776, 39656, 51040, 5136, 2560, 30856, 38104, 31048};
  for (std::size_t j = 0; j < 8; ++j) {
    EXPECT_EQ(static_cast<std::int32_t>(acc[j]), expected_acc[j]);
    EXPECT_EQ(phase_of(1U << 18, acc[j]), expected_phase[j]);
  }
  const std::vector<std::int32_t> expected = {-22759, -20100, -32230, 15489, 7960, 5971, -16040, 5378};
  EXPECT_EQ(outputs(generator, 0, 8), expected);
}

TEST(Reference, TwoLayersOfSpecification) {
  const ExpandedGenerator generator =
      expand({.code_dim = 3,
              .seed = 7,
              .layers = {{.width = 4, .frequency = 1U << 18}, {.width = 8, .activation = Activation::kIdentity}}},
             {{}, {}});
  std::vector<std::uint32_t> acc(4);
  accumulate(generator.layers[0], kCode, 0, acc);
  const std::vector<int> expected_h = {-33, -100, -102, 122};
  for (std::size_t j = 0; j < 4; ++j) EXPECT_EQ(narrow_activation(sine(phase_of(1U << 18, acc[j]))), expected_h[j]);
  const std::vector<std::int32_t> expected = {9321, -22627, -18677, -5293, 8319, 15733, -12023, -5985};
  EXPECT_EQ(outputs(generator, 0, 8), expected);
}

TEST(Reference, PartsOfAChunkAreTheChunk) {
  const ExpandedGenerator generator = expand({.code_dim = 3,
                                              .seed = 9,
                                              .layers = {{.width = 33, .frequency = 3U << 17},
                                                         {.width = 17, .frequency = 12345},
                                                         {.width = 101, .frequency = 1U << 20}}},
                                             {{}, {}, {}});
  const std::vector<std::int32_t> whole = outputs(generator, 0, 101);
  for (std::size_t first = 0; first < 101; ++first) {
    for (const std::size_t count : {std::size_t{1}, (101 - first) / 2 + 1, 101 - first}) {
      if (first + count > 101) continue;
      const std::vector<std::int32_t> part = outputs(generator, first, count);
      EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(first)));
    }
  }
}

TEST(Reference, AccumulatorWraps) {
  ExpandedGenerator generator;
  generator.layers.push_back({2, 1, Activation::kSine, 1, {-128, -128}});
  std::vector<std::uint32_t> acc(1);
  const std::vector<std::int32_t> x = {-32768, 32767};
  accumulate(generator.layers[0], x, 0, acc);
  EXPECT_EQ(acc[0], 128U);
  EXPECT_EQ(phase_of(0xFFFFFFFF, 1), 0xFFFF);
  EXPECT_EQ(phase_of(1U << 31, 3), 0x8000);
}

TEST(AddScaled, RoundsProductAndSumApart) {
  // beta * g = 1 + 2^-12 + 2^-24... needs 25 bits: a fused multiply-add would keep the last one.
  const float beta = 1.0F + 0x1p-12F;
  const std::vector<std::int32_t> g(1000, 4097);
  std::vector<float> w(g.size(), -4098.0F);
  add_scaled(beta, g, w);
  const float product = static_cast<float>(double{beta} * 4097.0);
  EXPECT_NE(product - 4098.0F, static_cast<float>(double{beta} * 4097.0 - 4098.0));
  EXPECT_EQ(w, std::vector<float>(g.size(), product - 4098.0F));
}

}  // namespace
}  // namespace mcnc
