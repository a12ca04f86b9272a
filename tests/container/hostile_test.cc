// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Every truncation, every flipped bit and every inserted or removed byte of a small file is refused.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/little_endian.h"
#include "container/preamble.h"
#include "mcnc/decoder.h"
#include "mcnc/input.h"
#include "mcnc/reader.h"
#include "mcnc/writer.h"

namespace mcnc {
namespace {

std::vector<std::byte> filled(std::size_t size, unsigned char value) { return {size, static_cast<std::byte>(value)}; }

// Generated and stored tensors, raw and zstd segments, padding, metadata.
std::vector<std::byte> small_file() {
  Model model;
  Generator generator;
  generator.code_dim = 3;
  generator.seed = 1;
  generator.layers = {{.width = 16, .activation = Activation::kSine, .frequency = 1U << 18, .weights_segment = {}}};
  model.manifest.generators = {generator};
  model.segments = {filled(6, 5), filled(4, 0x3C), filled(400, 0)};
  Codes codes;
  codes.chunks = 2;
  codes.alpha_segment = 0;
  codes.beta_type = BetaType::kBf16;
  codes.beta_exponent = -15;
  codes.beta_segment = 1;
  model.manifest.codes = {codes};
  model.manifest.tensors.resize(2);
  model.manifest.tensors[0].name = "generated";
  model.manifest.tensors[0].shape = {30};
  model.manifest.tensors[0].source = Generated{};
  model.manifest.tensors[1].name = "stored";
  model.manifest.tensors[1].shape = {10, 10};
  model.manifest.tensors[1].source = Stored{2};
  model.manifest.metadata = {{"general.name", std::string("small")}};
  auto bytes = serialize(std::move(model));
  EXPECT_TRUE(bytes.ok()) << bytes.status().to_string();
  return bytes.ok() ? *std::move(bytes) : std::vector<std::byte>();
}

Status verify(std::span<const std::byte> bytes) {
  auto input = borrow_memory(bytes);
  if (!input.ok()) return input.status();
  Allowance allowance;
  Result<Reader> reader = Reader::open(*std::move(input), allowance);
  if (!reader.ok()) return reader.status();
  Result<Decoder> decoder = Decoder::create(*reader);
  return decoder.ok() ? decoder->verify() : decoder.status();
}

class HostileTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_FALSE(file_.empty());
    const Status s = verify(file_);
    ASSERT_TRUE(s.ok()) << s.to_string();
  }

  std::vector<std::byte> file_ = small_file();
};

TEST_F(HostileTest, EveryTruncationIsRefusedAsTruncated) {
  for (std::size_t size = 0; size < file_.size(); ++size) {
    // A copy of that size, so that a sanitizer sees a read beyond it.
    const std::vector<std::byte> cut(file_.begin(), file_.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(verify(cut).code(), Code::kTruncated) << "of " << size << " bytes";
  }
}

TEST_F(HostileTest, EveryFlippedBitIsRefused) {
  for (std::size_t bit = 0; bit < 8 * file_.size(); ++bit) {
    std::byte& target = file_[bit / 8];
    const std::byte original = target;
    target ^= static_cast<std::byte>(1U << (bit % 8));
    const Status s = verify(file_);
    const int code = exit_code(s.code());
    EXPECT_TRUE(code == 1 || code == 3 || code == 4) << "bit " << bit << ": " << s.to_string();
    EXPECT_FALSE(s.rule().empty()) << "bit " << bit;
    EXPECT_FALSE(s.message().empty()) << "bit " << bit;
    target = original;
  }
}

// What a forger can do: the digest fits the changed manifest. Few such files are well formed (metadata is free text);
// the rest must meet a rule, without harm.
TEST_F(HostileTest, EveryFlippedManifestBitUnderAFittingDigestIsJudged) {
  std::array<std::byte, layout::kPreambleSize> head;
  std::ranges::copy(std::span(file_).first(head.size()), head.begin());
  const auto manifest_length = load_le<std::uint64_t>(head.data() + layout::kManifestLength);
  const auto manifest = std::span(file_).subspan(head.size(), static_cast<std::size_t>(manifest_length));
  for (std::size_t bit = 0; bit < 8 * manifest.size(); ++bit) {
    manifest[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    std::ranges::copy(build_preamble(manifest, file_.size()), file_.begin());
    const Status s = verify(file_);
    EXPECT_TRUE(s.ok() || !s.rule().empty()) << "bit " << bit << ": " << s.to_string();
    manifest[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  }
}

TEST_F(HostileTest, EveryByteMoreOrLessIsRefused) {
  for (std::size_t at = 0; at <= file_.size(); ++at) {
    std::vector<std::byte> changed = file_;
    changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(at), std::byte{0});
    EXPECT_FALSE(verify(changed).ok()) << "byte inserted at " << at;
    if (at == file_.size()) break;
    changed = file_;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(at));
    EXPECT_FALSE(verify(changed).ok()) << "byte removed at " << at;
  }
}

TEST_F(HostileTest, TwoFilesInARowAreRefused) {
  std::vector<std::byte> twice = file_;
  twice.insert(twice.end(), file_.begin(), file_.end());
  EXPECT_EQ(verify(twice).code(), Code::kLayout);
}

}  // namespace
}  // namespace mcnc
