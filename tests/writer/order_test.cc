// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "writer/order.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/models.h"
#include "support/status.h"

namespace mcnc {
namespace {

std::vector<std::byte> bytes(std::size_t size, int value) { return {size, static_cast<std::byte>(value)}; }

TEST(Order, TensorsMetadataAndSegmentsAreSorted) {
  Model model;
  model.segments = {bytes(1, 0), bytes(2, 1), bytes(4, 2)};
  model.manifest.tensors = {{"c", DType::kU8, {1}, Stored{0}, {}},
                            {"tied", DType::kU8, {4}, Shared{3}, {}},
                            {"a", DType::kU8, {2}, Stored{1}, {}},
                            {"b", DType::kU8, {4}, Stored{2}, {}}};
  model.manifest.metadata = {{"z", true}, {"a", false}};
  ASSERT_OK(put_in_order(model));

  std::string names;
  for (const Tensor& tensor : model.manifest.tensors) names += tensor.name + " ";
  EXPECT_EQ(names, "a b c tied ");
  EXPECT_EQ(std::get<Shared>(model.manifest.tensors[3].source).tensor, 1U);  // b, wherever it went
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(std::get<Stored>(model.manifest.tensors[i].source).segment, i);
  EXPECT_EQ(std::get<0>(model.segments[0]), bytes(2, 1));
  EXPECT_EQ(std::get<0>(model.segments[1]), bytes(4, 2));
  EXPECT_EQ(std::get<0>(model.segments[2]), bytes(1, 0));
  EXPECT_EQ(model.manifest.metadata[0].key, "a");
}

TEST(Order, ProductsFollowTheirFactors) {
  Model model;
  model.segments = {bytes(8, 0), bytes(12, 1)};
  model.manifest.tensors = {{"w", DType::kF32, {2, 3}, Product{2, 1, 1, {}}, {}},
                            {"lora_A", DType::kF32, {1, 3}, Stored{1}, {}, true},
                            {"lora_B", DType::kF32, {2, 1}, Stored{0}, {}, true}};
  ASSERT_OK(put_in_order(model));
  const auto& product = std::get<Product>(model.manifest.tensors[2].source);
  EXPECT_EQ(model.manifest.tensors[product.b].name, "lora_B");
  EXPECT_EQ(model.manifest.tensors[product.a].name, "lora_A");
}

// What cannot be walked is refused before it is, with the rule that it would break.
TEST(Order, RefusesWhatCannotBeWalked) {
  const auto refused = [](auto change) {
    Model model = testing::rich_model();
    change(model);
    const Status status = put_in_order(model);
    EXPECT_EQ(status.code(), ErrorCode::kArgument);
    return std::string(status.rule());
  };
  EXPECT_EQ(refused([](Model& m) { m.manifest.generators[0].layers.clear(); }), "generator.layers");
  EXPECT_EQ(refused([](Model& m) { m.manifest.generators[0].layers.back().width = 0; }), "generator.width");
  EXPECT_EQ(refused([](Model& m) { m.manifest.codes[0].generator = 9; }), "codes.generator");
  EXPECT_EQ(refused([](Model& m) { m.manifest.tensors[0].source = Generated{9, 0, {}}; }), "tensor.generated");
  EXPECT_EQ(refused([](Model& m) { std::get<Generated>(m.manifest.tensors[0].source).slices = 0; }), "tensor.slices");
  EXPECT_EQ(refused([](Model& m) { m.manifest.tensors.back().source = Shared{99}; }), "tensor.shared");
  EXPECT_EQ(refused([](Model& m) { m.manifest.tensors.back().source = Product{0, 99, 1, {}}; }), "tensor.product");
  EXPECT_EQ(refused([](Model& m) { m.segments.emplace_back(bytes(1, 0)); }), "segment.reference");
  EXPECT_EQ(refused([](Model& m) { std::get<0>(m.segments[1]).pop_back(); }), "segment.reference");
  EXPECT_EQ(refused([](Model& m) { m.manifest.codes[1].alpha_segment = m.manifest.codes[0].alpha_segment; }),
            "segment.reference");
  EXPECT_EQ(refused([](Model& m) { m.segments[0] = std::shared_ptr<Input>(); }), "");
}

}  // namespace
}  // namespace mcnc
