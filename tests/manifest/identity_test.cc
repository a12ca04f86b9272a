// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mcnc/manifest.h"
#include "support/status.h"

namespace mcnc {
namespace {

// Tensor `w` of the specification's check values (section A.5).
Tensor check_tensor() {
  Tensor tensor{"w", DType::kF32, {2, 3}, Stored{0}, {}};
  for (std::size_t i = 0; i < tensor.digest.size(); ++i) tensor.digest[i] = static_cast<std::byte>(i);
  return tensor;
}

std::string identity(const std::vector<Tensor>& tensors) {
  const Result<Digest> digest = weights_identity(tensors);
  EXPECT_OK(digest);
  return to_hex(*digest);
}

TEST(Identity, CheckValuesOfTheSpecification) {
  EXPECT_EQ(identity({}), "ae36e4844d9a135897cd4760c4262750b8699b4a61d68b3e5eb3b2a080e9f3ec");
  EXPECT_EQ(identity({check_tensor()}), "b572be82f04b9dde3870e8de0af5c317894947581725a6afeba907e539df28e1");
}

TEST(Identity, HowATensorIsMadeDoesNotCount) {
  Tensor generated = check_tensor();
  generated.source = Generated{3, 7, Constant{0.5F}, 2};
  EXPECT_EQ(identity({generated}), identity({check_tensor()}));
}

TEST(Identity, FactorsDoNotCount) {
  Tensor factor = check_tensor();
  factor.name.push_back('a');
  factor.factor = true;
  EXPECT_EQ(identity({factor, check_tensor()}), identity({check_tensor()}));
}

TEST(Identity, OrderDoesNotCount) {
  Tensor other = check_tensor();
  other.name.push_back('v');
  EXPECT_EQ(identity({other, check_tensor()}), identity({check_tensor(), other}));
}

TEST(Identity, EverythingElseCounts) {
  const auto changed = [](auto change) {
    Tensor tensor = check_tensor();
    change(tensor);
    return identity({tensor});
  };
  const std::string same = identity({check_tensor()});
  EXPECT_NE(changed([](Tensor& t) { t.name.push_back('v'); }), same);
  EXPECT_NE(changed([](Tensor& t) { t.dtype = DType::kI32; }), same);
  EXPECT_NE(changed([](Tensor& t) { t.shape = {3, 2}; }), same);
  EXPECT_NE(changed([](Tensor& t) { t.shape = {6}; }), same);
  EXPECT_NE(changed([](Tensor& t) { t.digest[31] ^= std::byte{1}; }), same);
}

}  // namespace
}  // namespace mcnc
