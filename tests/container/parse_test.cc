// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/parse.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "container/build.h"
#include "manifest/difference.h"
#include "support/models.h"
#include "support/status.h"

namespace mcnc {
namespace {

// The manifest of the rich model as the writer lays it out.
Manifest rich_manifest() {
  const std::vector<std::byte> file = testing::file_of(testing::rich_model());
  const Result<Reader> reader = testing::open(file);
  EXPECT_OK(reader);
  return reader->manifest();
}

TEST(Parse, GivesBackWhatWasBuilt) {
  const Manifest manifest = rich_manifest();
  const auto bytes = build_manifest(manifest);
  const Result<Manifest> parsed = parse_manifest(bytes);
  ASSERT_OK(parsed);
  EXPECT_EQ(first_difference(*parsed, manifest), "");
}

TEST(Parse, WhatIsNoManifestIsRefused) {
  EXPECT_EQ(parse_manifest({}).status().rule(), "manifest.flatbuffer");
  const std::vector<std::byte> zeros(256);
  EXPECT_EQ(parse_manifest(zeros).status().rule(), "manifest.flatbuffer");
  auto bytes = build_manifest(rich_manifest());
  bytes[5] ^= std::byte{1};  // of the file identifier
  EXPECT_EQ(parse_manifest(bytes).status().code(), ErrorCode::kFlatBuffer);
}

TEST(Parse, EveryTruncationIsRefused) {
  const auto bytes = build_manifest(rich_manifest());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // A copy of that size, so that a sanitizer sees a read beyond it.
    const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(parse_manifest(cut).ok()) << "of " << size << " bytes";
  }
}

}  // namespace
}  // namespace mcnc
