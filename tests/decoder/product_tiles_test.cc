// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decoder/product_tiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "decoder/emit.h"
#include "mcnc/fp_environment.h"
#include "support/reference.h"

namespace mcnc {
namespace {

constexpr std::uint32_t kRows = 3;
constexpr std::uint32_t kRank = 5;
constexpr std::uint32_t kColumns = 300;  // more than a tile has, and not whole blocks
constexpr float kScale = 0.3F;

std::vector<float> numbers(std::size_t n, std::uint32_t seed) {
  std::vector<float> made(n);
  find_kernels("scalar")->draw_float(seed, 0, 1, n, made.data());
  return made;
}

// Sums that start and end anywhere, also within a block, are those of whole rows; what is beside them stays.
TEST(ProductTiles, AddTilesTakesEveryRange) {
  const FpEnvironment environment;
  const std::vector<float> b = numbers(kRows * kRank, 1);
  const std::vector<float> a = numbers(kRank * kColumns, 2);
  const std::vector<float> start = numbers(kRows * kColumns, 3);
  const ReferenceLayer layer{kRank, kColumns, Activation::kIdentity, 0, a, {}};
  std::vector<float> whole = start;
  for (std::size_t row = 0; row < kRows; ++row) {
    std::vector<float> acc(kColumns);
    accumulate(layer, std::span(b).subspan(row * kRank, kRank), 0, acc);
    add_scaled(kScale, acc, std::span(whole).subspan(row * kColumns, kColumns));
  }
  for (const Kernels* kernels : supported_kernels()) {
    const PackedMatrix packed(*kernels, a.data(), kRank, kColumns);
    const std::unique_ptr<TileSource> rows = make_product_tiles(b, packed, kScale);
    for (std::size_t first = 0; first < start.size(); first += 37) {
      for (std::size_t n = 0; n <= start.size() - first; n += n < 70 ? 23 : 101) {
        std::vector<float> w = start;
        add_tiles(*rows, first, std::span(w).subspan(first, n));
        std::vector<float> expected = start;
        std::copy_n(&whole[first], n, &expected[first]);
        ASSERT_EQ(w, expected) << kernels->name << ", " << n << " from " << first;
      }
    }
  }
}

}  // namespace
}  // namespace mcnc
