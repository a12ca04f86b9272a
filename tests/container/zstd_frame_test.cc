// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/zstd_frame.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "util/sha256.h"

namespace mcnc {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::size_t kContent = zstd::BlockDecoder::kMaxContent;

Bytes ramp(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i % 11);
  return bytes;
}

// Bytes whose entropy and repetitions change from one kind to the next: what compressors treat differently.
Bytes mixture(std::size_t size, unsigned kind) {
  Bytes bytes(size);
  std::uint32_t state = kind + 1;
  const auto random = [&state](std::uint32_t below) {
    state = state * 1664525 + 1013904223;
    return (state >> 8U) % below;
  };
  for (std::size_t i = 0; i < size; ++i) {
    const bool repeats = kind % 4 == 3 && i > 300 && random(20) > 0;
    const std::uint32_t sum = random(1 + 8 * (kind % 5)) + random(1 + 8 * (kind % 7));
    bytes[i] = repeats ? bytes[i - 1 - random(2) * 250] : static_cast<std::byte>(sum);
  }
  return bytes;
}

// The frames of `bytes`; empty where they would be no shorter.
Bytes compress(std::span<const std::byte> bytes, int level) {
  Bytes frames;
  const auto source = borrow_memory(bytes);
  const Result<bool> smaller = compress_frames(**source, level, {}, [&](std::span<const std::byte> piece) -> Status {
    frames.insert(frames.end(), piece.begin(), piece.end());
    return {};
  });
  return smaller.ok() && *smaller ? frames : Bytes();
}

// Read in parts that grow from one byte.
Result<Bytes> decompress(std::span<const std::byte> frames, std::uint64_t size) {
  const auto input = borrow_memory(frames);
  FrameReader reader(**input, {0, frames.size()}, size);
  Bytes bytes(size);
  for (std::size_t done = 0, part = 1; done < size; done += part, part = 3 * part + 1) {
    part = std::min(part, static_cast<std::size_t>(size) - done);
    if (Status s = reader.read(std::span(bytes).subspan(done, part)); !s.ok()) return s;
  }
  EXPECT_TRUE(reader.digest() == sha256(frames));
  return bytes;
}

std::string rule(std::span<const std::byte> frames, std::uint64_t size) {
  const Result<Bytes> result = decompress(frames, size);
  return result.ok() ? std::string("accepted") : std::string(result.status().rule());
}

TEST(ZstdFrame, EverySizeOfContentComesBack) {
  for (const std::size_t size :
       {std::size_t{100}, std::size_t{255}, std::size_t{256}, std::size_t{257}, std::size_t{65791}, std::size_t{65792},
        kContent - 1, kContent, kContent + 1, 8 * kContent, std::size_t{20'000'000}}) {
    const Bytes bytes = ramp(size);
    const Result<Bytes> back = decompress(compress(bytes, 3), size);
    ASSERT_TRUE(back.ok()) << size << back.status().to_string();
    EXPECT_TRUE(*back == bytes);
  }
}

TEST(ZstdFrame, EveryLevelComesBackAndIsTheSameTwice) {
  for (unsigned kind = 0; kind < 12; ++kind) {
    const Bytes bytes = mixture(kContent + 1000 * kind, kind);
    for (const int level : {1, 3, 9, 19}) {
      const Bytes frames = compress(bytes, level);
      if (frames.empty()) continue;
      const Result<Bytes> back = decompress(frames, bytes.size());
      ASSERT_TRUE(back.ok()) << kind << ' ' << level << back.status().to_string();
      EXPECT_TRUE(*back == bytes);
      EXPECT_TRUE(compress(bytes, level) == frames);
    }
  }
}

// Frames of other writers: several blocks, which use tables of the ones before.
TEST(ZstdFrame, FlushedBlocksComeBack) {
  for (unsigned kind = 0; kind < 12; ++kind) {
    const Bytes bytes = mixture(20'000, kind);
    ZSTD_CCtx* const context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 12);
    ZSTD_CCtx_setPledgedSrcSize(context, bytes.size());
    Bytes frame(ZSTD_compressBound(bytes.size()) + 1000);
    ZSTD_outBuffer to{frame.data(), frame.size(), 0};
    for (std::size_t done = 0; done < bytes.size(); done += 4000) {
      ZSTD_inBuffer from{bytes.data() + done, 4000, 0};
      const bool last = done + 4000 == bytes.size();
      ASSERT_EQ(ZSTD_compressStream2(context, &to, &from, last ? ZSTD_e_end : ZSTD_e_flush), 0U);
    }
    ZSTD_freeCCtx(context);
    frame.resize(to.pos);
    const Result<Bytes> back = decompress(frame, bytes.size());
    ASSERT_TRUE(back.ok()) << kind << back.status().to_string();
    EXPECT_TRUE(*back == bytes);
  }
}

TEST(ZstdFrame, WhatGetsNoShorterIsGivenUp) {
  Bytes bytes(3'000'000);
  std::uint64_t state = 1;
  for (std::byte& byte : bytes) {
    state = state * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<std::byte>(state >> 56U);
  }
  EXPECT_TRUE(compress(bytes, 3).empty());
  EXPECT_TRUE(compress(std::span(bytes).first(1), 3).empty());
}

TEST(ZstdFrame, WhatCannotBeCompressedStandsBesideWhatCan) {
  Bytes bytes(3 * kContent);
  std::uint64_t state = 1;
  for (std::byte& byte : std::span(bytes).first(kContent)) {
    state = state * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<std::byte>(state >> 56U);
  }
  const Result<Bytes> back = decompress(compress(bytes, 19), bytes.size());
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  EXPECT_TRUE(*back == bytes);
}

TEST(ZstdFrame, RefusesWhatIsNotExactlyTheFrames) {
  const Bytes frame = compress(ramp(1000), 19);
  EXPECT_EQ(rule(frame, 1000), "accepted");
  EXPECT_EQ(rule(frame, 999), "segment.frame");
  EXPECT_EQ(rule(frame, 1001), "segment.frame");
  for (std::size_t n = 0; n < frame.size(); ++n) {
    EXPECT_EQ(rule(std::span(frame).first(n), 1000), "segment.frame") << n;
  }
  Bytes twice = frame;
  twice.insert(twice.end(), frame.begin(), frame.end());
  EXPECT_EQ(rule(twice, 1000), "segment.frame");
  EXPECT_EQ(rule(twice, 2000), "segment.frame");
  for (unsigned bit = 0; bit < 6; ++bit) {
    Bytes descriptor = frame;
    descriptor[4] ^= static_cast<std::byte>(1U << bit);
    EXPECT_EQ(rule(descriptor, 1000), "segment.frame") << bit;
  }
}

// Whatever the damage: an answer, and the right content where libzstd refuses nothing that this accepts.
TEST(ZstdFrame, DamagedFramesGetTheAnswerOfTheLibraryOrAreRefused) {
  std::uint32_t state = 1;
  const auto random = [&state](std::size_t below) {
    state = state * 1664525 + 1013904223;
    return (state >> 8U) % below;
  };
  for (unsigned kind = 0; kind < 40; ++kind) {
    const Bytes bytes = mixture(300 + 70 * kind, kind);
    const Bytes frame = compress(bytes, static_cast<int>(1 + kind % 19));
    if (frame.empty()) continue;
    for (int i = 0; i < 300; ++i) {
      Bytes damaged = frame;
      for (std::size_t flips = 1 + random(2); flips > 0; --flips) {
        damaged[4 + random(damaged.size() - 4)] ^= static_cast<std::byte>(1U << random(8));
      }
      const Result<Bytes> mine = decompress(damaged, bytes.size());
      if (!mine.ok()) {
        EXPECT_EQ(mine.status().rule(), "segment.frame");
        continue;
      }
      Bytes theirs(bytes.size());
      ASSERT_EQ(ZSTD_decompress(theirs.data(), theirs.size(), damaged.data(), damaged.size()), theirs.size());
      EXPECT_TRUE(*mine == theirs);
    }
  }
}

}  // namespace
}  // namespace mcnc
