// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/zstd_frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace mcnc {
namespace {

std::vector<std::byte> ramp(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i % 11);
  return bytes;
}

TEST(ZstdFrame, EverySizeOfContentSizeFieldComesBack) {
  for (const std::size_t size : std::vector<std::size_t>{1, 255, 256, 257, 65791, 65792, 20'000'000}) {
    const std::vector<std::byte> bytes = ramp(size);
    const Result<std::vector<std::byte>> back = decompress_frame(compress_frame(bytes, 3), size);
    ASSERT_TRUE(back.ok()) << size << back.status().to_string();
    EXPECT_TRUE(*back == bytes);
  }
}

TEST(ZstdFrame, RefusesWhatIsNotExactlyTheFrame) {
  const std::vector<std::byte> frame = compress_frame(ramp(1000), 19);
  const auto rule = [](std::vector<std::byte> bytes, std::uint64_t size = 1000) {
    const Result<std::vector<std::byte>> result = decompress_frame(bytes, size);
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
  EXPECT_NE(decompress_frame(frame, 1).status().message(), "zstd segment: window above 8 MiB");
  frame[5] = static_cast<std::byte>((13 << 3) + 1);
  EXPECT_EQ(decompress_frame(frame, 1).status().message(), "zstd segment: window above 8 MiB");
}

}  // namespace
}  // namespace mcnc
