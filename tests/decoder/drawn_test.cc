// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Layers of which the weights are drawn anew wherever they are needed, against the definition, which keeps them. The
// smallest such layer has 2^24 weights, too many for an emulated processor: a test program of its own, which
// conformance/platforms leaves out. kernels/draw_kernels_test.cc tests the drawing itself, and runs there.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "mcnc/convert.h"
#include "mcnc/cost.h"
#include "mcnc/decoder.h"
#include "mcnc/fp_environment.h"
#include "mcnc/little_endian.h"
#include "mcnc/writer.h"
#include "support/models.h"
#include "support/reference.h"

namespace mcnc {
namespace {

constexpr std::uint32_t kInputs = 4097;
constexpr std::uint32_t kOutputs = 4127;  // odd, and more than 2^24 / kInputs

Generator linear(std::uint32_t code_dim, std::uint32_t width, bool unit_norm) {
  return {.arithmetic = Arithmetic::kFloat32,
          .code_dim = code_dim,
          .seed = 77,
          .layers = {{.width = width, .activation = Activation::kIdentity, .weights_scale = 0.01F}},
          .unit_norm = unit_norm};
}

float alpha_of(std::uint64_t code, std::uint64_t i) {
  return static_cast<float>(static_cast<int>((code * 31 + i * 7) % 41) - 20) * 0.125F;
}

// `chunks` chunks of two codes each, one tensor from weight 5 of the first chunk on.
Model drawn_model(std::uint32_t chunks, bool unit_norm) {
  Model model;
  model.manifest.generators = {linear(kInputs, kOutputs, unit_norm)};
  Codes codes;
  codes.chunks = chunks;
  codes.codes_per_chunk = 2;
  codes.alpha_type = AlphaType::kF16;
  codes.beta = 0.75F;
  const std::uint64_t count = std::uint64_t{chunks} * 2;
  std::vector<float> alpha(static_cast<std::size_t>(count * kInputs));
  for (std::uint64_t i = 0; i < kInputs; ++i) {
    for (std::uint64_t c = 0; c < count; ++c) alpha[static_cast<std::size_t>(i * count + c)] = alpha_of(c, i);
  }
  std::vector<std::byte> bytes(alpha.size() * 2);
  narrow(alpha, DType::kF16, bytes);
  model.manifest.codes = {codes};
  model.segments = {std::move(bytes)};
  model.manifest.tensors = {{"v", DType::kF32, {5}, Generated{}},
                            {"w", DType::kF32, {std::uint64_t{chunks} * kOutputs - 5}, Generated{0, 5, {}}}};
  return model;
}

std::vector<float> expected_weights(std::uint32_t chunks, bool unit_norm) {
  const FpEnvironment environment;
  const ReferenceGenerator generator = expand_float(linear(kInputs, kOutputs, unit_norm));
  std::vector<float> w(std::size_t{chunks} * kOutputs);
  std::vector<float> alpha(kInputs);
  std::vector<float> g(kOutputs);
  for (std::uint64_t code = 0; code < std::uint64_t{chunks} * 2; ++code) {
    for (std::uint64_t i = 0; i < kInputs; ++i) alpha[static_cast<std::size_t>(i)] = alpha_of(code, i);
    generate(generator, alpha, 0, g);
    add_scaled(0.75F, g, std::span(w).subspan(static_cast<std::size_t>(code / 2) * kOutputs, kOutputs));
  }
  return w;
}

TEST(Drawn, LargeLayersAreWhatTheyWouldBeIfTheyWereKept) {
  for (const bool unit_norm : {false, true}) {
    const std::uint32_t chunks = unit_norm ? 1 : 3;
    const Model model = drawn_model(chunks, unit_norm);
    ASSERT_TRUE(is_drawn_anew(model.manifest.generators[0], 0));
    const std::vector<float> expected = expected_weights(chunks, unit_norm);
    const std::vector<std::byte> file = testing::file_of(model);
    for (const std::string_view target : supported_targets()) {
      if (unit_norm && target != supported_targets().front()) continue;
      Result<Reader> reader = testing::open(file);
      ASSERT_TRUE(reader.ok());
      Result<Decoder> decoder = Decoder::create(*reader, {.execution = {.threads = 2, .target = target}});
      const std::size_t count = expected.size() - 5;
      std::vector<std::byte> w(count * sizeof(float));
      ASSERT_TRUE(decoder->decode(1, w).ok()) << target;
      for (std::size_t e = 0; e < count; ++e) {
        ASSERT_EQ(load_le<std::uint32_t>(w.data() + e * sizeof(float)), std::bit_cast<std::uint32_t>(expected[e + 5]))
            << target << ", element " << e;
      }
      for (const std::size_t first : {std::size_t{954}, std::size_t{955}, std::size_t{4121}}) {
        std::vector<std::byte> part(std::min(1 + first % 7, count - first) * sizeof(float));
        ASSERT_TRUE(decoder->decode_range(1, first, part.size() / sizeof(float), part).ok());
        EXPECT_TRUE(std::ranges::equal(part, std::span(w).subspan(first * sizeof(float), part.size())));
      }
    }
  }
}

TEST(Drawn, ThoseAboveTheBoundOnly) {
  constexpr std::uint32_t kRoot = 1U << 12;
  EXPECT_FALSE(is_drawn_anew(linear(kRoot, kRoot, false), 0));
  EXPECT_TRUE(is_drawn_anew(linear(kRoot + 1, kRoot, false), 0));
  EXPECT_TRUE(is_drawn_anew(linear(kRoot, kRoot + 1, false), 0));
  EXPECT_FALSE(is_drawn_anew(linear(kRoot, kRoot - 1, false), 0));
  Generator generator = linear(kRoot + 1, kRoot, false);
  generator.arithmetic = Arithmetic::kInteger;
  EXPECT_FALSE(is_drawn_anew(generator, 0));
  EXPECT_EQ(generator_bytes(generator).value(), std::uint64_t{kRoot + 1} * kRoot);
  generator = linear(kRoot + 1, kRoot, false);
  EXPECT_EQ(generator_bytes(generator).value(), std::uint64_t{1} << 26);
  generator.layers[0].weights_segment = 0;
  EXPECT_FALSE(is_drawn_anew(generator, 0));
  generator = linear(kRoot + 1, kRoot, false);
  generator.layers.push_back({.width = 1, .activation = Activation::kIdentity, .weights_scale = 1});
  EXPECT_FALSE(is_drawn_anew(generator, 0));
}

TEST(Drawn, ThreadsMakeTheSameFile) {
  WriteOptions one;
  one.zstd_level = 1;
  WriteOptions three = one;
  three.execution.threads = 3;
  const Result<std::vector<std::byte>> first = serialize(drawn_model(1, false), one);
  const Result<std::vector<std::byte>> second = serialize(drawn_model(1, false), three);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(*first, *second);
  three.execution.threads = 0;
  EXPECT_EQ(serialize(drawn_model(1, false), three).status().code(), ErrorCode::kArgument);
}

}  // namespace
}  // namespace mcnc
