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

constexpr std::uint32_t kModels = 300;

TEST(RandomModels, AreMadeByKernels) {
  std::set<std::string> launched;
  for (std::uint32_t seed = 0; seed < kModels; ++seed) {
    SCOPED_TRACE("model " + std::to_string(seed));
    const Result<std::vector<std::byte>> bytes = serialize(testing::random_model(seed), {.zstd_level = 1});
    ASSERT_OK(bytes);
    const Result<Reader> reader = testing::open(*bytes);
    ASSERT_OK(reader);
    Result<Decoder> decoder = Decoder::create(*reader, {.execution = {.target = "scalar"}});
    ASSERT_OK(decoder);
    std::mt19937 random(seed);
    for (const Way& way : two_ways()) {
      FileOnDevice file(*reader, way);
      for (std::size_t t = 0; t < file.tensors().size(); ++t) {
        const Tensor& tensor = file.tensors()[t];
        std::vector<std::byte> expected(static_cast<std::size_t>(tensor.bytes()));
        ASSERT_OK(decoder->decode(t, expected));
        const Result<std::vector<std::byte>> made = file.decode(t);
        ASSERT_OK(made);
        expect_same(*made, expected, tensor.name);

        const auto elements = static_cast<std::size_t>(tensor.elements());
        const std::size_t first = random() % elements;
        const std::size_t count = random() % (elements - first + 1);
        const Result<std::vector<std::byte>> range = file.decode(t, first, count);
        ASSERT_OK(range);
        const std::size_t size = size_of(tensor.dtype);
        expect_same(*range, std::span(expected).subspan(first * size, count * size), tensor.name + ", a range");
      }
      EXPECT_EQ(file.device().damaged(), 0U);
      for (const auto& [kernel, count] : file.device().launches()) launched.insert(kernel);
    }
    if (HasFailure()) return;
  }
  for (const std::string& kernel : kernel_names()) EXPECT_TRUE(launched.contains(kernel)) << kernel << " never ran";
}

}  // namespace
}  // namespace mcnc::cuda
