// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <string>

#include "mcnc/checked_math.h"
#include "support/models.h"

namespace mcnc {
namespace {

using testing::file_of;

constexpr std::uint32_t kCodeDim = 2;

// Codes of `chunks` chunks of `chunk_dim` weights, without tensors.
Model codes_model(std::uint32_t chunk_dim, std::uint64_t chunks) {
  Model model;
  model.manifest.generators.push_back(
      {.code_dim = kCodeDim, .seed = 5, .layers = {{.width = chunk_dim, .frequency = 1U << 20}}});
  Codes& codes = model.manifest.codes.emplace_back();
  codes.chunks = chunks;
  codes.beta = 0x1p-15F;
  std::vector<std::byte> alpha(to_size(kCodeDim * chunks));
  for (std::size_t i = 0; i < alpha.size(); ++i) alpha[i] = static_cast<std::byte>(37 * i + 11);
  model.segments.push_back(std::move(alpha));
  return model;
}

// "w" in `slices` slices of `size` elements, or as many tensors, each at a chunk: the same weights.
struct Both {
  Both(std::uint32_t chunk_dim, std::uint32_t slices, std::uint64_t size) {
    const std::uint64_t chunks = (size + chunk_dim - 1) / chunk_dim;
    Model one = codes_model(chunk_dim, slices * chunks);
    one.manifest.tensors = {{"w", DType::kF32, {slices, size}, Generated{0, 0, {}, slices}, {}}};
    sliced = file_of(std::move(one));
    Model many = codes_model(chunk_dim, slices * chunks);
    for (std::uint64_t i = 0; i < slices; ++i) {
      many.manifest.tensors.push_back(
          {std::to_string(1000 + i), DType::kF32, {size}, Generated{0, i * chunks * chunk_dim, {}}, {}});
    }
    const std::vector<std::byte> file = file_of(std::move(many));
    for (std::uint64_t i = 0; i < slices; ++i) {
      const std::vector<std::byte> part = testing::decode(file, std::to_string(1000 + i));
      expected.insert(expected.end(), part.begin(), part.end());
    }
  }

  std::vector<std::byte> sliced;    // a file
  std::vector<std::byte> expected;  // all elements
};

void expect_range(Decoder& decoder, const std::vector<std::byte>& expected, std::uint64_t first, std::uint64_t count) {
  std::vector<std::byte> part(to_size(4 * count));
  ASSERT_TRUE(decoder.decode_range(0, first, count, part).ok());
  EXPECT_TRUE(std::equal(part.begin(), part.end(), expected.begin() + static_cast<std::ptrdiff_t>(4 * first)))
      << first << " " << count;
}

TEST(Slices, EveryRange) {
  for (const std::uint64_t size : {1, 5, 8, 9, 16, 19}) {
    const Both both(8, 3, size);
    Result<Reader> reader = testing::open(both.sliced);
    ASSERT_TRUE(reader.ok()) << reader.status().to_string();
    Result<Decoder> decoder = Decoder::create(*reader);
    for (std::uint64_t first = 0; first < 3 * size; ++first) {
      for (std::uint64_t count = 1; count <= 3 * size - first; ++count) {
        expect_range(*decoder, both.expected, first, count);
      }
    }
  }
}

// Pieces are of some 2^18 elements: several slices, or a part of one.
TEST(Slices, LargerThanAPieceAndSmaller) {
  for (const std::uint64_t size : {70'001, 300'001}) {
    const Both both(4096, 5, size);
    EXPECT_TRUE(testing::verify(both.sliced).ok());
    Result<Reader> reader = testing::open(both.sliced);
    Result<Decoder> decoder = Decoder::create(*reader);
    expect_range(*decoder, both.expected, 0, 5 * size);
    expect_range(*decoder, both.expected, size / 2, 4 * size);
    expect_range(*decoder, both.expected, 2 * size - 1, 2);
    expect_range(*decoder, both.expected, 4 * size + 4096, 1);
  }
}

}  // namespace
}  // namespace mcnc
