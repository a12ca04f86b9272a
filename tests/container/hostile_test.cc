// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Every truncation, every flipped bit and every inserted or removed byte of a small file is refused.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "container/preamble.h"
#include "mcnc/little_endian.h"
#include "support/models.h"

namespace mcnc {
namespace {

using testing::verify;

class HostileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const Status s = verify(file_);
    ASSERT_TRUE(s.ok()) << s.to_string();
  }

  std::vector<std::byte> file_ = testing::file_of(testing::rich_model());
};

TEST_F(HostileTest, EveryTruncationIsRefusedAsTruncated) {
  for (std::size_t size = 0; size < file_.size(); ++size) {
    // A copy of that size, so that a sanitizer sees a read beyond it.
    const std::vector<std::byte> cut(file_.begin(), file_.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(verify(cut).code(), ErrorCode::kTruncated) << "of " << size << " bytes";
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
  EXPECT_EQ(verify(twice).code(), ErrorCode::kLayout);
}

}  // namespace
}  // namespace mcnc
