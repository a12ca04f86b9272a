// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/names.h"

#include <gtest/gtest.h>

#include <string>

namespace mcnc {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, AcceptsWellFormedOnly) {
  for (const auto text : {""sv, "a"sv, "\xC2\x80"sv, "\xE0\xA0\x80"sv, "\xED\x9F\xBF"sv, "\xEE\x80\x80"sv,
                          "\xF0\x90\x80\x80"sv, "\xF4\x8F\xBF\xBF"sv, "z\xC3\xBCrich"sv}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const auto text : {"\x80"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xC2"sv, "\xE0\x9F\xBF"sv, "\xED\xA0\x80"sv,
                          "\xF0\x8F\xBF\xBF"sv, "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xE1\x80"sv, "\xFF"sv}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

TEST(TensorName, RefusesPathsControlsAndSizes) {
  for (const auto name :
       {"fc1.weight"sv, "bert/encoder/layer_0/kernel:0"sv, "a"sv, "...x"sv, "a/...b"sv, "\xC2\xA0"sv}) {
    EXPECT_TRUE(is_tensor_name(name)) << name;
  }
  for (const auto name : {""sv, "/etc/passwd"sv, "a/../b"sv, ".."sv, "."sv, "a/."sv, "a\\b"sv, "C:"sv, "c:x"sv,
                          "a\nb"sv, "a\0b"sv, "\x7F"sv, "\xC2\x9F"sv, "\xFF"sv, "__metadata__"sv}) {
    EXPECT_FALSE(is_tensor_name(name)) << name;
  }
  EXPECT_TRUE(is_tensor_name(std::string(1024, 'a')));
  EXPECT_FALSE(is_tensor_name(std::string(1025, 'a')));
}

TEST(MetadataKey, IsDottedLowerCase) {
  for (const auto key : {"general.name"sv, "mcnc.train.epochs"sv, "a.0_"sv}) EXPECT_TRUE(is_metadata_key(key));
  for (const auto key : {""sv, "name"sv, ".a"sv, "a."sv, "a..b"sv, "General.name"sv, "a.b c"sv, "."sv}) {
    EXPECT_FALSE(is_metadata_key(key)) << key;
  }
  EXPECT_FALSE(is_metadata_key("a." + std::string(255, 'b')));
}

}  // namespace
}  // namespace mcnc
