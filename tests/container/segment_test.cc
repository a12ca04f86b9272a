// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/segment.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "support/status.h"

namespace mcnc {
namespace {

constexpr std::uint64_t kPrevious = 70;  // where what stands before the segment ends
constexpr std::uint64_t kOffset = 128;

struct Written {
  std::vector<std::byte> file;
  Segment segment;
};

// A file that holds nothing but zeros and the segment.
Written written(const std::vector<std::byte>& decoded) {
  Written made;
  made.segment.offset = kOffset;
  MemoryDraft draft;
  auto input = borrow_memory(decoded);
  EXPECT_OK(store_segment(**input, 19, {}, draft, kOffset, made.segment));
  EXPECT_OK(draft.resize(kOffset + made.segment.stored_length));
  made.file = draft.take();
  return made;
}

std::vector<std::byte> noise(std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::uint64_t state = 1;
  for (std::byte& byte : bytes) byte = static_cast<std::byte>((state = state * 6364136223846793005 + 1) >> 56);
  return bytes;
}

Result<std::vector<std::byte>> load(const Written& made) {
  auto input = borrow_memory(made.file);
  return load_segment(**input, kPrevious, 5, made.segment);
}

Status read_all(const Written& made, std::vector<std::byte>& out) {
  const std::shared_ptr<Input> input = segment_input(*borrow_memory(made.file), kPrevious, 5, made.segment);
  out.resize(static_cast<std::size_t>(input->size()));
  return input->read_at(0, out);
}

TEST(Segment, ComesBackAsItWas) {
  for (const auto& [decoded, encoding] : {std::pair(noise(1000), Encoding::kRaw),
                                          std::pair(std::vector<std::byte>(300'000, std::byte{3}), Encoding::kZstd),
                                          std::pair(std::vector<std::byte>(), Encoding::kRaw)}) {
    const Written made = written(decoded);
    EXPECT_EQ(made.segment.encoding, encoding);
    EXPECT_EQ(made.segment.decoded_length, decoded.size());
    const Result<std::vector<std::byte>> loaded = load(made);
    ASSERT_OK(loaded);
    EXPECT_EQ(*loaded, decoded);
    std::vector<std::byte> pieces;
    EXPECT_OK(read_all(made, pieces));
    EXPECT_EQ(pieces, decoded);
  }
}

// Whatever is wrong with the bytes, both ways to read a segment say so, and name the segment and the place.
TEST(Segment, DamageIsNamed) {
  const auto refused = [](const Written& made) {
    const Result<std::vector<std::byte>> loaded = load(made);
    EXPECT_FALSE(loaded.ok());
    EXPECT_NE(loaded.status().message().find("segment 5"), std::string::npos) << loaded.status().message();
    std::vector<std::byte> pieces;
    EXPECT_EQ(read_all(made, pieces).rule(), loaded.status().rule());
    return std::pair(std::string(loaded.status().rule()), loaded.status().offset());
  };
  for (const auto& decoded : {noise(1000), std::vector<std::byte>(300'000)}) {
    Written padding = written(decoded);
    padding.file[kPrevious + 1] = std::byte{1};
    EXPECT_EQ(refused(padding), std::pair(std::string("segment.padding"), kPrevious + 1));
    Written digest = written(decoded);
    digest.file.back() ^= std::byte{1};
    EXPECT_EQ(refused(digest), std::pair(std::string("segment.digest"), kOffset));
  }
  Written longer = written(std::vector<std::byte>(300'000));
  longer.segment.decoded_length += 1;
  EXPECT_EQ(refused(longer).first, "segment.frame");
}

TEST(Segment, WhatCannotBeThereIsNotAllocated) {
  Written made = written(std::vector<std::byte>(300'000));
  made.segment.decoded_length = std::uint64_t{1} << 59;
  EXPECT_EQ(load(made).status().rule(), "segment.frame");
}

TEST(Segment, PiecesAreInAnyOrder) {
  std::vector<std::byte> decoded(400'000);
  for (std::size_t i = 0; i < decoded.size(); ++i) decoded[i] = static_cast<std::byte>(i >> 10);
  const Written made = written(decoded);
  ASSERT_EQ(made.segment.encoding, Encoding::kZstd);
  const std::shared_ptr<Input> input = segment_input(*borrow_memory(made.file), kPrevious, 5, made.segment);
  std::byte byte{};
  for (const std::uint64_t at : {399'999, 0, 200'000, 131'072, 131'071}) {
    EXPECT_OK(input->read_at(at, {&byte, 1}));
    EXPECT_EQ(byte, decoded[static_cast<std::size_t>(at)]) << at;
  }
  EXPECT_EQ(input->read_at(400'000, {&byte, 1}).code(), ErrorCode::kTruncated);
}

}  // namespace
}  // namespace mcnc
