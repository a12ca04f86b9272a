// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "support/models.h"

namespace mcnc {
namespace {

using testing::file_of;
using testing::plain_model;
using testing::rich_model;

TEST(Serialize, RichModelOpensAndVerifies) {
  const std::vector<std::byte> file = file_of(rich_model());
  const Status status = testing::verify(file);
  EXPECT_TRUE(status.ok()) << status.to_string();
  EXPECT_LT(file.size(), 8000U);
}

TEST(Serialize, SameModelSameBytes) { EXPECT_EQ(file_of(rich_model()), file_of(rich_model())); }

TEST(Serialize, OrderOfTensorsAndSegmentsDoesNotMatter) {
  Model model = rich_model();
  std::vector<Tensor>& tensors = model.manifest.tensors;
  std::ranges::reverse(tensors);
  const auto last = static_cast<std::uint32_t>(tensors.size() - 1);
  for (Tensor& tensor : tensors) {
    if (auto* shared = std::get_if<Shared>(&tensor.source)) shared->tensor = last - shared->tensor;
  }
  std::ranges::reverse(model.manifest.metadata);
  EXPECT_EQ(file_of(std::move(model)), file_of(rich_model()));
}

TEST(Serialize, RefusesWhatAReaderWouldRefuse) {
  const auto refused = [](auto change) {
    Model model = plain_model();
    change(model);
    const Result<std::vector<std::byte>> file = serialize(std::move(model));
    return file.ok() ? std::string("accepted") : std::string(file.status().rule());
  };
  EXPECT_EQ(refused([](Model& m) { m.manifest.tensors[0].name = "../up"; }), "tensor.name");
  EXPECT_EQ(refused([](Model& m) { m.manifest.tensors[0].shape = {4, 4}; }), "codes.coverage");
  EXPECT_EQ(refused([](Model& m) { m.manifest.codes[0].beta = -1.0F / 0.0F; }), "codes.beta");
  EXPECT_EQ(refused([](Model& m) { m.manifest.generators[0].layers[0].frequency = 0; }), "generator.frequency");
  EXPECT_EQ(refused([](Model& m) { m.segments[0].pop_back(); }), "segment.reference");
  EXPECT_EQ(refused([](Model& m) { m.segments.emplace_back(); }), "segment.reference");
  EXPECT_EQ(refused([](Model& m) { m.manifest.codes[0].generator = 1; }), "codes.generator");
  EXPECT_EQ(refused([](Model& m) { m.manifest.generators[0].layers[0].width = 0; }), "generator.width");
  const auto sliced = [](std::uint32_t slices) {
    return [slices](Model& m) { std::get<Generated>(m.manifest.tensors[0].source).slices = slices; };
  };
  EXPECT_EQ(refused(sliced(0)), "tensor.slices");
  EXPECT_EQ(refused(sliced(3)), "tensor.slices");
  EXPECT_EQ(refused(sliced(5)), "tensor.slices");
  EXPECT_EQ(refused(sliced(4)), "codes.coverage");
}

TEST(ReplaceFile, ReplacesWholeAndLeavesNoSibling) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "mcnc_replace";
  std::filesystem::create_directories(folder);
  const std::string path = folder / "model.mcnc";
  std::ofstream(path) << "old";
  const std::vector<std::byte> file = file_of(plain_model());
  ASSERT_TRUE(replace_file(path, file).ok());
  EXPECT_EQ(std::filesystem::file_size(path), file.size());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
  EXPECT_EQ(replace_file(folder, file).code(), Code::kWrite);
  EXPECT_EQ(replace_file(folder / "missing" / "x", file).code(), Code::kWrite);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace mcnc
