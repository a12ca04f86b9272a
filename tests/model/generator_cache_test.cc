// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "model/generator_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include "mcnc/decoder.h"
#include "support/models.h"
#include "support/status.h"

namespace mcnc {
namespace {

using testing::file_of;

Generator one_layer(std::uint64_t seed) {
  return {.code_dim = 3, .seed = seed, .layers = {{.width = 64, .frequency = 1U << 18}}};
}

std::shared_ptr<const PackedGenerator> packed(const Generator& generator) {
  return std::make_shared<const PackedGenerator>(
      PackedInteger(default_kernels(), expand(generator, {std::vector<std::int8_t>()}), false));
}

// Decodes tensor 0 of `file` with `cache`: what came of it, and the bytes.
Status decode(const std::vector<std::byte>& file, const std::shared_ptr<GeneratorCache>& cache,
              std::vector<std::byte>& out) {
  const Result<Reader> reader = testing::open(file);
  if (!reader.ok()) return reader.status();
  Result<Decoder> decoder = Decoder::create(*reader, {.generators = cache});
  if (!decoder.ok()) return decoder.status();
  out.assign(static_cast<std::size_t>(reader->manifest().tensors[0].bytes()), std::byte{0});
  return decoder->decode(std::size_t{0}, out);
}

TEST(GeneratorCache, DropsWhatWasNotUsedForLongest) {
  const std::uint64_t bytes = std::get<PackedInteger>(*packed(one_layer(1))).bytes();
  GeneratorCache::State cache(2 * bytes + bytes / 2);
  for (const std::uint64_t seed : {1U, 2U})
    cache.keep(one_layer(seed), default_kernels(), false, packed(one_layer(seed)));
  EXPECT_EQ(cache.bytes(), 2 * bytes);
  EXPECT_NE(cache.find(one_layer(1), default_kernels(), false), nullptr);
  cache.keep(one_layer(3), default_kernels(), false, packed(one_layer(3)));
  EXPECT_EQ(cache.bytes(), 2 * bytes);
  EXPECT_NE(cache.find(one_layer(1), default_kernels(), false), nullptr);
  EXPECT_EQ(cache.find(one_layer(2), default_kernels(), false), nullptr);
  EXPECT_NE(cache.find(one_layer(3), default_kernels(), false), nullptr);
  cache.keep(one_layer(3), default_kernels(), false, packed(one_layer(3)));
  EXPECT_EQ(cache.bytes(), 2 * bytes) << "kept twice";
}

TEST(GeneratorCache, KeepsNothingLargerThanItMayHold) {
  GeneratorCache::State cache(1);
  cache.keep(one_layer(1), default_kernels(), false, packed(one_layer(1)));
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST(GeneratorCache, TellsApartWhatDiffersInAnything) {
  Generator kept = one_layer(1);
  kept.arithmetic = Arithmetic::kFloat32;
  GeneratorCache::State cache(std::numeric_limits<std::uint64_t>::max());
  cache.keep(kept, default_kernels(), false, packed(one_layer(1)));
  EXPECT_NE(cache.find(kept, default_kernels(), false), nullptr);
  EXPECT_EQ(cache.find(kept, default_kernels(), true), nullptr);
  const Kernels of_another_target = default_kernels();
  EXPECT_EQ(cache.find(kept, of_another_target, false), nullptr);
  const auto differs = [&](auto change) {
    Generator other = kept;
    change(other);
    return cache.find(other, default_kernels(), false) == nullptr;
  };
  EXPECT_TRUE(differs([](Generator& g) { g.arithmetic = Arithmetic::kInteger; }));
  EXPECT_TRUE(differs([](Generator& g) { g.code_dim = 4; }));
  EXPECT_TRUE(differs([](Generator& g) { g.seed = 2; }));
  EXPECT_TRUE(differs([](Generator& g) { g.fingerprint[31] = std::byte{1}; }));
  EXPECT_TRUE(differs([](Generator& g) { g.unit_norm = true; }));
  EXPECT_TRUE(differs([](Generator& g) { g.layers.push_back(g.layers[0]); }));
  EXPECT_TRUE(differs([](Generator& g) { g.layers[0].width = 65; }));
  EXPECT_TRUE(differs([](Generator& g) { g.layers[0].activation = Activation::kIdentity; }));
  EXPECT_TRUE(differs([](Generator& g) { g.layers[0].frequency = 1; }));
  EXPECT_TRUE(differs([](Generator& g) { g.layers[0].turns = -0.0F; }));
  EXPECT_TRUE(differs([](Generator& g) { g.layers[0].weights_scale = -0.0F; }));
}

TEST(GeneratorCache, IsSharedByDecodersAndChangesNothing) {
  const Result<std::shared_ptr<GeneratorCache>> cache = GeneratorCache::create();
  ASSERT_OK(cache);
  const std::vector<std::byte> file = file_of(testing::plain_model());
  std::vector<std::byte> alone, first, second;
  ASSERT_OK(decode(file, nullptr, alone));
  ASSERT_OK(decode(file, *cache, first));
  const std::uint64_t bytes = (*cache)->bytes();
  EXPECT_GT(bytes, 0U);
  ASSERT_OK(decode(file, *cache, second));
  EXPECT_EQ((*cache)->bytes(), bytes);
  EXPECT_EQ(first, alone);
  EXPECT_EQ(second, alone);
}

TEST(GeneratorCache, LeavesStoredLayersToTheirFile) {
  EXPECT_TRUE(GeneratorCache::State::takes(one_layer(1)));
  Generator stored = one_layer(1);
  stored.layers[0].weights_segment = 0;
  EXPECT_FALSE(GeneratorCache::State::takes(stored));
  stored = one_layer(1);
  stored.layers[0].bias_segment = 0;
  EXPECT_FALSE(GeneratorCache::State::takes(stored));
}

}  // namespace
}  // namespace mcnc
