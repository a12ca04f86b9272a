// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/preamble.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "mcnc/little_endian.h"
#include "support/status.h"
#include "util/sha256.h"

namespace mcnc {
namespace {

using Bytes = std::array<std::byte, layout::kPreambleSize>;

const std::vector<std::byte> kManifest(100, std::byte{7});

// The rule for the preamble of a file of 200 bytes after a change to it; "" where it is accepted.
template <typename Change>
std::string after(Change change) {
  Bytes bytes = build_preamble(kManifest, 200);
  change(bytes.data());
  const Result<Preamble> parsed = parse_preamble(bytes);
  return parsed.ok() ? "" : std::string(parsed.status().rule());
}

TEST(Preamble, IsWhatTheSpecificationSays) {
  const Bytes bytes = build_preamble(kManifest, 0x123456789ABC);
  const std::array<unsigned char, 32> head = {0x8D, 'M', 'C',  'N',  'C',  '\r', '\n', 0x1A, 1, 0, 0,
                                              0,    0,   0,    0,    0,    100,  0,    0,    0, 0, 0,
                                              0,    0,   0xBC, 0x9A, 0x78, 0x56, 0x34, 0x12, 0, 0};
  EXPECT_TRUE(std::ranges::equal(std::span(bytes).first(32), std::as_bytes(std::span(head))));
  std::vector<std::byte> hashed(bytes.begin(), bytes.begin() + 32);
  hashed.insert(hashed.end(), kManifest.begin(), kManifest.end());
  EXPECT_TRUE(std::ranges::equal(std::span(bytes).subspan(32), sha256(hashed)));
}

TEST(Preamble, ComesBack) {
  const Bytes bytes = build_preamble(kManifest, 200);
  const Result<Preamble> parsed = parse_preamble(bytes);
  ASSERT_OK(parsed);
  EXPECT_EQ(parsed->manifest_length, 100U);
  EXPECT_EQ(parsed->file_length, 200U);
  EXPECT_EQ(parsed->file_digest, file_digest(bytes, kManifest));
}

TEST(Preamble, RefusalsNameTheirRule) {
  EXPECT_EQ(after([](std::byte* b) { b[7] = std::byte{0}; }), "container.magic");
  EXPECT_EQ(after([](std::byte* b) { store_le(b + layout::kMajor, std::uint16_t{2}); }), "container.version");
  EXPECT_EQ(after([](std::byte* b) { store_le(b + layout::kMinor, std::uint16_t{9}); }), "");  // read as 1.0
  EXPECT_EQ(after([](std::byte* b) { store_le(b + layout::kFeatures, std::uint32_t{1} << 31); }), "container.features");
  const auto lengths = [](std::uint64_t manifest, std::uint64_t file) {
    return after([=](std::byte* b) {
      store_le(b + layout::kManifestLength, manifest);
      store_le(b + layout::kFileLength, file);
    });
  };
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  EXPECT_EQ(lengths(136, 200), "");
  EXPECT_EQ(lengths(137, 200), "container.manifest_length");
  EXPECT_EQ(lengths(0, 200), "container.manifest_length");
  EXPECT_EQ(lengths(kAll, kAll), "container.manifest_length");
  EXPECT_EQ(lengths(layout::kMaxManifestLength, kAll), "");
  EXPECT_EQ(lengths(layout::kMaxManifestLength + 1, kAll), "container.manifest_length");
}

TEST(Preamble, AShortFileIsNamedForWhatItStartsWith) {
  const Bytes bytes = build_preamble(kManifest, 200);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Status status = parse_preamble(std::span(bytes).first(size)).status();
    EXPECT_EQ(status.rule(), "container.short") << size;
    EXPECT_EQ(status.offset(), size);
  }
  EXPECT_EQ(parse_preamble(std::as_bytes(std::span("PK", 2))).status().rule(), "container.magic");
}

}  // namespace
}  // namespace mcnc
