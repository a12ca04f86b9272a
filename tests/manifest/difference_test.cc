// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "manifest/difference.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/models.h"

namespace mcnc {
namespace {

// The first difference from the rich model after a change to it.
template <typename Change>
std::string after(Change change) {
  const Manifest before = testing::rich_model().manifest;
  Manifest changed = before;
  change(changed);
  EXPECT_EQ(first_difference(before, changed), first_difference(changed, before));
  return first_difference(before, changed);
}

TEST(Difference, NoneOfTheSame) {
  EXPECT_EQ(after([](Manifest&) {}), "");
}

TEST(Difference, NamesThePart) {
  EXPECT_EQ(after([](Manifest& m) { m.segments.emplace_back(); }), "segment 0");
  EXPECT_EQ(after([](Manifest& m) { m.generators[1].layers[0].frequency ^= 1; }), "generator 1");
  EXPECT_EQ(after([](Manifest& m) { m.codes[3].alpha_scale = 2; }), "codes 3");
  EXPECT_EQ(after([](Manifest& m) { m.codes[0].beta_segment.reset(); }), "codes 0");
  EXPECT_EQ(after([](Manifest& m) { m.tensors[4].digest[0] ^= std::byte{1}; }), "tensor 4");
  EXPECT_EQ(after([](Manifest& m) { std::get<Generated>(m.tensors[0].source).theta0 = {}; }), "tensor 0");
  EXPECT_EQ(after([](Manifest& m) { m.tensors.pop_back(); }),
            "tensor " + std::to_string(testing::rich_model().manifest.tensors.size() - 1));
  EXPECT_EQ(after([](Manifest& m) { m.metadata[2].value = std::int64_t{1}; }), "metadata 2");  // it was true
  EXPECT_EQ(after([](Manifest& m) { m.bases.push_back({"b", {}}); }), "base 0");
  EXPECT_EQ(after([](Manifest& m) { ++m.budget.scratch_bytes; }), "the budget");
  EXPECT_EQ(after([](Manifest& m) { m.weights_identity[5] = std::byte{9}; }), "the weights identity");
}

TEST(Difference, FloatsAreTheirBits) {
  EXPECT_EQ(after([](Manifest& m) { m.generators[0].layers[0].turns = -0.0F; }), "generator 0");
  Manifest nan = testing::rich_model().manifest;
  nan.codes[0].beta = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(first_difference(nan, Manifest(nan)), "");
}

}  // namespace
}  // namespace mcnc
