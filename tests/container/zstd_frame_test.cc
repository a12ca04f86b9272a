// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/zstd_frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <vector>

#include "base/sha256.h"

namespace mcnc {
namespace {

std::vector<std::byte> ramp(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i % 11);
  return bytes;
}

// The frame of `bytes`; empty where it would be no shorter.
std::vector<std::byte> compress(std::span<const std::byte> bytes, int level) {
  std::vector<std::byte> frame;
  const auto source = borrow_memory(bytes);
  const Result<bool> smaller = compress_frame(**source, level, {}, [&](std::span<const std::byte> piece) -> Status {
    frame.insert(frame.end(), piece.begin(), piece.end());
    return {};
  });
  return smaller.ok() && *smaller ? frame : std::vector<std::byte>();
}

Result<std::vector<std::byte>> decompress(std::span<const std::byte> frame, std::uint64_t size) {
  const auto input = borrow_memory(frame);
  const Result<std::uint64_t> window = check_frame(**input, {0, frame.size()}, size);
  if (!window.ok()) return window.status();
  if (*window > kMaxWindow) return decompress_frame(frame, size);
  FrameReader reader(**input, {0, frame.size()}, size);
  std::vector<std::byte> bytes(size);
  // In uneven parts.
  for (std::size_t done = 0, part = 1; done < size; done += part, part = 3 * part + 1) {
    part = std::min(part, static_cast<std::size_t>(size) - done);
    if (Status s = reader.read(std::span(bytes).subspan(done, part)); !s.ok()) return s;
  }
  EXPECT_TRUE(reader.digest() == sha256(frame));
  return bytes;
}

TEST(ZstdFrame, EverySizeOfContentSizeFieldComesBack) {
  for (const std::size_t size : std::vector<std::size_t>{100, 255, 256, 257, 65791, 65792, 20'000'000}) {
    const std::vector<std::byte> bytes = ramp(size);
    const Result<std::vector<std::byte>> back = decompress(compress(bytes, 3), size);
    ASSERT_TRUE(back.ok()) << size << back.status().to_string();
    EXPECT_TRUE(*back == bytes);
  }
}

// Longer than a piece even when compressed.
TEST(ZstdFrame, LongFramesComeBackAtEveryLevel) {
  std::vector<std::byte> bytes(2'500'000);
  std::uint32_t state = 1;
  for (std::byte& byte : bytes) byte = static_cast<std::byte>((state = state * 1664525 + 1013904223) >> 26);
  for (const int level : {1, 12, 19}) {
    const std::vector<std::byte> frame = compress(bytes, level);
    EXPECT_GT(frame.size(), std::size_t{kPieceBytes}) << level;
    const Result<std::vector<std::byte>> back = decompress(frame, bytes.size());
    ASSERT_TRUE(back.ok()) << level << back.status().to_string();
    EXPECT_TRUE(*back == bytes);
    EXPECT_TRUE(compress(bytes, level) == frame) << level;
  }
}

TEST(ZstdFrame, WhatGetsNoShorterIsGivenUp) {
  std::vector<std::byte> bytes(3'000'000);
  std::uint64_t state = 1;
  for (std::byte& byte : bytes) {
    state = state * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<std::byte>(state >> 56);
  }
  EXPECT_TRUE(compress(bytes, 3).empty());
  EXPECT_TRUE(compress(std::span(bytes).first(1), 3).empty());
}

// A single segment has a window of its whole content, which zstd would keep beside the content.
TEST(ZstdFrame, ASingleSegmentOfAnySize) {
  constexpr std::uint32_t kBlocks = 80;
  constexpr std::uint32_t kBlock = 128 << 10;
  std::vector<std::byte> frame;
  const auto append = [&](std::uint32_t number, int bytes) {
    for (int i = 0; i < bytes; ++i) frame.push_back(static_cast<std::byte>(number >> (8 * i)));
  };
  append(0xFD2FB528, 4);
  append(0xA0, 1);  // single segment, content size of 4 bytes
  append(kBlocks * kBlock, 4);
  for (std::uint32_t i = 0; i < kBlocks; ++i) {
    append((i + 1 == kBlocks ? 1 : 0) | 1U << 1 | kBlock << 3, 3);
    append(i, 1);
  }
  const Result<std::vector<std::byte>> back = decompress(frame, kBlocks * kBlock);
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  EXPECT_EQ(back->front(), std::byte{0});
  EXPECT_EQ(back->back(), std::byte{kBlocks - 1});
}

TEST(ZstdFrame, RefusesWhatIsNotExactlyTheFrame) {
  const std::vector<std::byte> frame = compress(ramp(1000), 19);
  const auto rule = [](std::vector<std::byte> bytes, std::uint64_t size = 1000) {
    const Result<std::vector<std::byte>> result = decompress(bytes, size);
    return result.ok() ? std::string("accepted") : std::string(result.status().rule());
  };
  EXPECT_EQ(rule(frame), "accepted");
  EXPECT_EQ(rule(frame, 999), "segment.frame");
  EXPECT_EQ(rule(frame, 1001), "segment.frame");
  for (std::size_t n = 0; n < frame.size(); ++n) {
    EXPECT_EQ(rule({frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(n)}), "segment.frame") << n;
  }
  std::vector<std::byte> twice = frame;
  twice.insert(twice.end(), frame.begin(), frame.end());
  EXPECT_EQ(rule(twice), "segment.frame");
  std::vector<std::byte> dictionary = frame;
  dictionary[4] |= std::byte{1};
  EXPECT_EQ(rule(dictionary), "segment.frame");
  std::vector<std::byte> reserved = frame;
  reserved[4] |= std::byte{8};
  EXPECT_EQ(rule(reserved), "segment.frame");
}

TEST(ZstdFrame, RefusesALargeWindow) {
  // Magic, descriptor without single segment and with an 8-byte content size, window descriptor, content size.
  std::vector<std::byte> frame(14);
  const unsigned char header[] = {0x28, 0xB5, 0x2F, 0xFD, 0xC0, 0};
  std::ranges::copy(std::as_bytes(std::span(header)), frame.begin());
  frame[6] = std::byte{1};
  frame[5] = static_cast<std::byte>(13 << 3);  // 8 MiB
  EXPECT_NE(decompress(frame, 1).status().message(), "zstd segment: window above 8 MiB");
  frame[5] = static_cast<std::byte>((13 << 3) + 1);
  EXPECT_EQ(decompress(frame, 1).status().message(), "zstd segment: window above 8 MiB");
}

}  // namespace
}  // namespace mcnc
