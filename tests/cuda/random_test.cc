// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Models of random shapes, decoded by the kernels: the bytes that the scalar code makes, whole and by ranges.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "cuda/on_device.h"
#include "cuda/random_models.h"
#include "mcnc/decoder.h"
#include "support/models.h"

namespace mcnc::cuda {
namespace {

// As many as it takes until every kernel has run.
constexpr std::uint32_t kModels = 300;
constexpr std::uint32_t kSineModels = 100;
constexpr std::uint32_t kDeepModels = 100;

// The names of the kernels that were launched go to `launched`.
void expect_made_by_kernels(Model (*random_model)(std::uint32_t), std::uint32_t models, const std::vector<Way>& ways,
                            std::set<std::string>& launched) {
  for (std::uint32_t seed = 0; seed < models; ++seed) {
    SCOPED_TRACE("model " + std::to_string(seed));
    const Result<std::vector<std::byte>> bytes = serialize(random_model(seed), {.zstd_level = 1});
    ASSERT_OK(bytes);
    const Result<Reader> reader = testing::open(*bytes);
    ASSERT_OK(reader);
    Result<Decoder> decoder = Decoder::create(*reader, {.execution = {.target = "scalar"}});
    ASSERT_OK(decoder);
    std::mt19937 random(seed);
    for (const Way& way : ways) {
      FileOnDevice file(*reader, way);
      for (std::size_t t = 0; t < file.tensors().size(); ++t) {
        const Tensor& tensor = file.tensors()[t];
        std::vector<std::byte> expected(static_cast<std::size_t>(tensor.bytes()));
        ASSERT_OK(decoder->decode(t, expected));
        const Result<std::vector<std::byte>> made = file.decode(t);
        ASSERT_OK(made);
        expect_same(*made, expected, tensor.name);

        // Half of the ranges are of whole fours, as kernels like it best.
        const std::size_t unit = random() % 2 == 0 ? 1 : 4;
        const auto elements = static_cast<std::size_t>(tensor.elements());
        const std::size_t first = random() % elements / unit * unit;
        const std::size_t count = random() % (elements - first + 1) / unit * unit;
        const Result<std::vector<std::byte>> range = file.decode(t, first, count);
        ASSERT_OK(range);
        const std::size_t size = size_of(tensor.dtype);
        expect_same(*range, std::span(expected).subspan(first * size, count * size), tensor.name + ", a range");
      }
      EXPECT_EQ(file.device().damaged(), 0U);
      for (const auto& [kernel, count] : file.device().launches()) launched.insert(kernel);
    }
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(RandomModels, AreMadeByKernels) {
  std::set<std::string> launched;
  expect_made_by_kernels(testing::random_model, kModels, two_ways(), launched);
  for (const std::string& kernel : kernel_names()) {
    EXPECT_TRUE(launched.contains(kernel) || is_for_training(kernel)) << kernel << " never ran";
  }
}

TEST(RandomModels, OfManyLayersAreMadeByKernels) {
  std::set<std::string> launched;
  expect_made_by_kernels(testing::random_deep_model, kDeepModels, two_ways(), launched);
}

TEST(RandomModels, AreMadeByOneRowOfThreads) {
  const Way way{std::byte{0xFF}, Order::kForward, {}, true};
  std::set<std::string> launched;
  expect_made_by_kernels(testing::random_model, kModels / 3, {way}, launched);
  expect_made_by_kernels(testing::random_sine_model, kSineModels, {way}, launched);
  expect_made_by_kernels(testing::random_deep_model, kDeepModels, {way}, launched);
}

}  // namespace
}  // namespace mcnc::cuda
