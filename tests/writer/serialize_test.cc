// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

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
  EXPECT_EQ(refused([](Model& m) { std::get<0>(m.segments[0]).pop_back(); }), "segment.reference");
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

// What a model asks for is not allocated before the rules have seen it.
TEST(Serialize, ValidatesBeforeItExpands) {
  Model model = plain_model();
  model.manifest.generators[0].layers.insert(model.manifest.generators[0].layers.begin(),
                                             {.width = ~std::uint32_t{0}, .frequency = 1});
  EXPECT_EQ(serialize(std::move(model)).status().rule(), "generator.width");
}

// The head is written after the segments, and its length depends on how they came out: where the guess was wrong, they
// move. Names of every length make every distance.
TEST(Serialize, SegmentsEndUpBehindTheHead) {
  std::vector<std::byte> noise(300);
  std::uint64_t state = 1;
  for (std::byte& byte : noise) byte = static_cast<std::byte>((state = state * 6364136223846793005 + 1) >> 56);
  const std::vector<std::byte> zeros(200);
  for (std::size_t length = 1; length <= 64; ++length) {
    for (const auto& kinds : std::vector<std::vector<std::vector<std::byte>>>{
             {noise}, {zeros}, {noise, zeros}, {zeros, noise, std::vector<std::byte>(300)}}) {
      Model model;
      for (const std::vector<std::byte>& bytes : kinds) {
        const auto index = static_cast<std::uint32_t>(model.segments.size());
        model.manifest.tensors.push_back(
            {std::string(length, 'x') + std::to_string(index), DType::kU8, {bytes.size()}, Stored{index}, {}});
        model.segments.emplace_back(bytes);
      }
      const std::vector<std::byte> file = file_of(model, {.zstd_level = 1});
      EXPECT_TRUE(testing::verify(file).ok());
      for (std::size_t i = 0; i < kinds.size(); ++i) {
        EXPECT_EQ(testing::decode(file, model.manifest.tensors[i].name), kinds[i]);
      }
    }
  }
}

std::ptrdiff_t files_in(const std::filesystem::path& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

TEST(WriteFile, AnErrorLeavesTheOldFileAndNothingElse) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path / "model.mcnc";
  std::ofstream(path) << "old";
  const auto is_untouched = [&] { return std::filesystem::file_size(path) == 3 && files_in(folder.path) == 1; };

  // Stopped wherever it asks.
  int allowed = 0;
  for (ErrorCode code = ErrorCode::kCancelled; code == ErrorCode::kCancelled; ++allowed) {
    int left = allowed;
    WriteOptions options;
    options.execution.progress = [&](const Progress&) -> Status {
      return left-- > 0 ? Status() : Status(ErrorCode::kCancelled, "", "stopped");
    };
    code = write_file(path, rich_model(), options).code();
    EXPECT_EQ(is_untouched(), code != ErrorCode::kOk) << allowed;
  }
  EXPECT_GT(allowed, 20);
  std::ofstream(path) << "old";

  // Sources that end early, whenever they are read.
  class Failing final : public Input {
   public:
    explicit Failing(int reads) : reads_(reads) {}
    std::uint64_t size() const noexcept override { return 300 * 4; }
    Status read_at(std::uint64_t, std::span<std::byte> out) noexcept override {
      if (reads_-- == 0) return {ErrorCode::kTruncated, "container.truncated", "ends early"};
      for (std::byte& byte : out) byte = static_cast<std::byte>((state_ = state_ * 6364136223846793005 + 1) >> 56);
      return {};
    }

   private:
    int reads_;
    std::uint64_t state_ = 1;
  };
  for (const int reads : {0, 1, 2}) {
    Model model;
    model.manifest.tensors.push_back({"w", DType::kF32, {300}, Stored{0}, {}});
    model.segments.emplace_back(std::make_shared<Failing>(reads));
    const Status status = write_file(path, std::move(model));
    EXPECT_EQ(status.code(), reads < 2 ? ErrorCode::kTruncated : ErrorCode::kOk);
    EXPECT_EQ(is_untouched(), reads < 2);
  }

  Model model;
  model.manifest.tensors.push_back({"w", DType::kF32, {0}, Stored{0}, {}});
  model.segments.emplace_back(std::shared_ptr<Input>());
  EXPECT_EQ(write_file(path, model).code(), ErrorCode::kArgument);
  EXPECT_EQ(write_file(folder.path, plain_model()).code(), ErrorCode::kWrite);
  EXPECT_EQ(write_file(folder.path / "missing" / "x", plain_model()).code(), ErrorCode::kWrite);
}

// A file rewritten from itself, segments read as they are written.
TEST(OpenSegment, GivesWhatReadSegmentGives) {
  Model model;
  std::vector<std::byte> ramp(3'000'000);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<std::byte>(i * i >> 7);
  model.manifest.tensors.push_back({"w", DType::kU8, {ramp.size()}, Stored{0}, {}});
  model.segments.emplace_back(ramp);
  const std::vector<std::byte> file = file_of(model, {.zstd_level = 1});
  Result<Reader> reader = testing::open(file);
  ASSERT_EQ(reader->manifest().segments[0].encoding, Encoding::kZstd);
  const Result<std::shared_ptr<Input>> segment = reader->open_segment(0);
  ASSERT_EQ((*segment)->size(), ramp.size());
  std::vector<std::byte> part(1000);
  for (const std::size_t at : {0, 1000, 2'500'000, 7, 2'999'000}) {
    ASSERT_TRUE((*segment)->read_at(at, part).ok()) << at;
    EXPECT_TRUE(std::ranges::equal(part, std::span(ramp).subspan(at, part.size()))) << at;
  }
  EXPECT_EQ((*segment)->read_at(2'999'001, part).code(), ErrorCode::kTruncated);
  EXPECT_EQ(reader->open_segment(1).status().code(), ErrorCode::kArgument);

  std::vector<std::byte> damaged = file;
  damaged.back() ^= std::byte{1};
  Result<Reader> other = testing::open(damaged);
  EXPECT_EQ((*other->open_segment(0))->read_at(0, part).code(), ErrorCode::kSegmentDigest);
}

TEST(ReplaceFile, ReplacesWholeAndLeavesNoSibling) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path / "model.mcnc";
  std::ofstream(path) << "old";
  const std::vector<std::byte> file = file_of(plain_model());
  ASSERT_TRUE(replace_file(path, file).ok());
  EXPECT_EQ(testing::bytes_of(path), file);
  EXPECT_EQ(files_in(folder.path), 1);
  EXPECT_EQ(replace_file(folder.path, file).code(), ErrorCode::kWrite);
  EXPECT_EQ(replace_file(folder.path / "missing" / "x", file).code(), ErrorCode::kWrite);
}

}  // namespace
}  // namespace mcnc
