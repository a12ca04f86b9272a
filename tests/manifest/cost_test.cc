// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/cost.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "support/models.h"

namespace mcnc {
namespace {

// Numbers below are worked out by hand from spec section "budget".

TEST(Cost, OfOneGeneratedTensor) {
  const Manifest m = testing::plain_model().manifest;  // k = 3, d = 8, three chunks, 20 weights of float32
  EXPECT_EQ(weight_count(m.generators[0]).value(), 24U);
  EXPECT_EQ(generator_bytes(m.generators[0]).value(), 3U * 64);  // a byte a weight, outputs in whole blocks of 64
  EXPECT_EQ(multiply_adds_of(m, m.tensors[0]).value(), 3U * 24);
  // Beside the generator: 9 bytes of alpha, and the outputs of one code, a block of floats.
  EXPECT_EQ(cost_of(m), (Cost{.output_bytes = 80, .multiply_adds = 72, .scratch_bytes = 192 + 9 + 256}));
}

TEST(Cost, ChunksOfSlicesAreWhole) {
  Manifest m = testing::plain_model().manifest;
  std::get<Generated>(m.tensors[0].source).slices = 4;  // of 5 weights: a chunk each
  m.codes[0].chunks = 4;
  EXPECT_EQ(multiply_adds_of(m, m.tensors[0]).value(), 4U * 24);
}

TEST(Cost, APartOfAChunkCostsTheChunk) {
  Manifest m = testing::plain_model().manifest;
  m.tensors[0].shape = {2};
  auto& generated = std::get<Generated>(m.tensors[0].source);
  generated.first_element = 7;  // the last of one chunk and the first of the next
  EXPECT_EQ(multiply_adds_of(m, m.tensors[0]).value(), 2U * 24);
  generated.first_element = 8;
  EXPECT_EQ(multiply_adds_of(m, m.tensors[0]).value(), 24U);
  m.codes[0].codes_per_chunk = 3;
  EXPECT_EQ(multiply_adds_of(m, m.tensors[0]).value(), 3U * 24);
}

TEST(Cost, SharedTensorsAreMadeAgainAndFactorsAreNoOutput) {
  Manifest m = testing::plain_model().manifest;
  m.tensors[0].factor = true;
  m.tensors.push_back({"x", DType::kF32, {5, 3}, Stored{1}, {}, true});
  m.tensors.push_back({"y", DType::kF16, {4, 3}, Product{0, 1, 1, {}}, {}});
  m.tensors.push_back({"z", DType::kF16, {4, 3}, Shared{2}, {}});
  // The product costs rows * columns * rank and what its factors cost; y and z are output.
  const std::uint64_t product = 4 * 3 * 5 + 72;
  EXPECT_EQ(multiply_adds_of(m, m.tensors[2]).value(), product);
  const std::uint64_t scratch = 192 + 9 + (256 + 20 * 4) + (60 + 15 * 4);
  EXPECT_EQ(cost_of(m), (Cost{2 * 24, 72 + 2 * product, scratch}));
}

TEST(Cost, TheLargestTensorCountsOnce) {
  Manifest m = testing::plain_model().manifest;
  m.tensors.push_back({"stored", DType::kU8, {1000}, Stored{1}, {}});
  m.tensors.push_back({"stored2", DType::kU8, {999}, Stored{2}, {}});
  EXPECT_EQ(cost_of(m)->scratch_bytes, 192U + 9 + 1000);
}

TEST(Cost, ALargeDrawnLastLayerIsNotKept) {
  Generator generator{.arithmetic = Arithmetic::kFloat32,
                      .code_dim = 64,
                      .layers = {{.width = 1U << 18, .turns = 1, .weights_scale = 1}}};
  EXPECT_FALSE(is_drawn_anew(generator, 0));  // 2^24 weights are kept
  EXPECT_EQ(generator_bytes(generator).value(), std::uint64_t{4} << 24);
  generator.layers[0].width += 1;
  EXPECT_TRUE(is_drawn_anew(generator, 0));
  EXPECT_EQ(generator_bytes(generator).value(), std::uint64_t{4} << 24);
  generator.layers[0].weights_segment = 0;
  EXPECT_FALSE(is_drawn_anew(generator, 0));
  generator.layers[0].weights_segment.reset();
  generator.layers.push_back({.width = 1, .turns = 1, .weights_scale = 1});
  EXPECT_FALSE(is_drawn_anew(generator, 0));  // only the last one is
  generator.layers.pop_back();
  generator.arithmetic = Arithmetic::kInteger;
  EXPECT_FALSE(is_drawn_anew(generator, 0));
}

TEST(Cost, WhatDoesNotFit64BitsIsNothing) {
  Manifest m = testing::plain_model().manifest;
  m.codes[0].codes_per_chunk = 65536;
  m.generators[0].code_dim = 1U << 28;
  m.generators[0].layers[0].width = 1U << 28;
  EXPECT_EQ(cost_of(m), std::nullopt);
}

}  // namespace
}  // namespace mcnc
