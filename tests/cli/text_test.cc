// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <string>

#include "common/escape.h"
#include "common/table.h"
#include "mcnc/units.h"

namespace mcnc::tools {
namespace {

TEST(EscapeTest, KeepsWhatCanBeSeen) {
  for (const std::string text : {"", "layer.0 weight", "größe", "重み", "𝛼", "e\u0301"}) EXPECT_EQ(escape(text), text);
}

TEST(EscapeTest, ShowsWhatHidesOrMoves) {
  EXPECT_EQ(escape("a\\b"), "a\\\\b");
  EXPECT_EQ(escape("\n\x1b[31m\x7f"), "\\u{a}\\u{1b}[31m\\u{7f}");
  EXPECT_EQ(escape("\u0085\u00a0\u202e\u2066\u200b\ufeff\U000e0041"),
            "\\u{85}\\u{a0}\\u{202e}\\u{2066}\\u{200b}\\u{feff}\\u{e0041}");
  EXPECT_EQ(escape(std::string(1, '\0')), "\\u{0}");
}

TEST(EscapeTest, ShowsBytesThatAreNoText) {
  EXPECT_EQ(escape("\xff"), "\\xff");
  EXPECT_EQ(escape("\xc0\xaf"), "\\xc0\\xaf");                    // overlong
  EXPECT_EQ(escape("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // surrogate
  EXPECT_EQ(escape("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
  EXPECT_EQ(escape("a\xe2\x82"), "a\\xe2\\x82");                  // cut short
}

TEST(EscapeTest, UnescapeIsTheReverse) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(static_cast<unsigned char>(i));
  for (const std::string& text : {all, std::string("x\u202e\\u{a}\U0010ffff\u3042\\"), std::string()}) {
    EXPECT_EQ(unescape(escape(text)), text);
  }
  for (const char* bad :
       {"\\", "\\q", "\\x", "\\x1", "\\xg0", "\\u", "\\u{", "\\u{}", "\\u{110000}", "\\u{a", "\\u{-1}"}) {
    EXPECT_EQ(unescape(bad), std::nullopt) << bad;
  }
}

TEST(UnitsTest, Writes) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(~std::uint64_t{0}), "18,446,744,073,709,551,615");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1024), "1.00 KiB");
  EXPECT_EQ(human_bytes(~std::uint64_t{0}), "16.0 EiB");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(269322), "269 K");
  EXPECT_EQ(counted(1, "tensor"), "1 tensor");
  EXPECT_EQ(counted(0, "tensor"), "0 tensors");
  EXPECT_EQ(shape_text({}), "scalar");
  EXPECT_EQ(shape_text({3, 0}), "3 x 0");
}

TEST(UnitsTest, ReadsQuantities) {
  EXPECT_EQ(parse_quantity("0", 1024), 0U);
  EXPECT_EQ(parse_quantity("7k", 1000), 7000U);
  EXPECT_EQ(parse_quantity("2G", 1024), std::uint64_t{2} << 30);
  EXPECT_EQ(parse_quantity("2GiB", 1024), std::uint64_t{2} << 30);
  EXPECT_EQ(parse_quantity("2GiB", 1000), std::nullopt);
  EXPECT_EQ(parse_quantity("18446744073709551615", 1024), ~std::uint64_t{0});
  EXPECT_EQ(parse_quantity("16383P", 1024), std::uint64_t{16383} << 50);
  for (const char* bad : {"", "K", "-1", "+1", "1.5", "1KB", "1iB", "1KiBiB", "1 ", "16384P", "18446744073709551616"}) {
    EXPECT_EQ(parse_quantity(bad, 1024), std::nullopt) << bad;
  }
}

TEST(TableTest, AlignsByCharacters) {
  Table table("lr");
  table.add({"größe", "1"});
  table.add({"x", "200"});
  table.add({"last"});
  EXPECT_EQ(table.to_string("  "), "  größe    1\n  x      200\n  last\n");
}

}  // namespace
}  // namespace mcnc::tools
