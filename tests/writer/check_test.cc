// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <vector>

#include "mcnc/writer.h"
#include "support/models.h"
#include "support/status.h"

namespace mcnc {
namespace {

class Check : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::vector<std::byte> file = testing::file_of(testing::plain_model());
    ASSERT_OK(draft_.write_at(0, file));
    const Result<Reader> reader = testing::open(file);
    ASSERT_OK(reader);
    manifest_ = reader->manifest();
  }

  MemoryDraft draft_;
  Manifest manifest_;
};

TEST_F(Check, AFileThatIsWhatWasMeantOpens) {
  const Result<Reader> reader = reopen_draft(draft_, manifest_);
  ASSERT_OK(reader);
  EXPECT_EQ(reader->manifest().tensors[0].name, "weight");
}

TEST_F(Check, AFileThatReadsBackAsAnotherOneIsAWriteError) {
  manifest_.tensors[0].digest[3] ^= std::byte{1};
  const Status status = reopen_draft(draft_, manifest_).status();
  EXPECT_EQ(status.code(), ErrorCode::kWrite);
  EXPECT_NE(status.message().find("tensor 0"), std::string::npos) << status.message();
}

TEST_F(Check, DamageIsFoundAsAReaderFindsIt) {
  const std::byte zero{0};
  ASSERT_OK(draft_.write_at(70, {&zero, 1}));
  std::byte byte{};
  ASSERT_OK(draft_.read_at(100, {&byte, 1}));
  byte ^= std::byte{1};
  ASSERT_OK(draft_.write_at(100, {&byte, 1}));
  EXPECT_EQ(reopen_draft(draft_, manifest_).status().code(), ErrorCode::kFileDigest);
}

}  // namespace
}  // namespace mcnc
