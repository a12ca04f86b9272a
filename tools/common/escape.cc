// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/escape.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace mcnc::tools {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Unicode 15: control, format and separator characters but the space, fillers and variation selectors.
constexpr std::array kUnseen = std::to_array<Range>({
    {0x0000, 0x001F},   {0x007F, 0x00A0},    {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x0600, 0x0605},
    {0x061C, 0x061C},   {0x06DD, 0x06DD},    {0x070F, 0x070F},   {0x0890, 0x0891},   {0x08E2, 0x08E2},
    {0x115F, 0x1160},   {0x1680, 0x1680},    {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x2000, 0x200F},
    {0x2028, 0x202F},   {0x205F, 0x206F},    {0x3000, 0x3000},   {0x3164, 0x3164},   {0xE000, 0xF8FF},
    {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},    {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
    {0xFFFE, 0xFFFF},   {0x110BD, 0x110BD},  {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A}, {0xE0000, 0x10FFFF},
});

bool is_unseen(char32_t c) noexcept {
  const auto range = std::ranges::lower_bound(kUnseen, c, {}, &Range::last);
  return range != kUnseen.end() && range->first <= c;
}

struct Character {
  char32_t value = 0;
  std::size_t length = 0;  // bytes; 0 where `text` does not begin with UTF-8
};

// The first character of `text`, which is not empty. Shortest form only, no surrogates.
Character first_character(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t value = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {};
    value = value << 6 | (next & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, length};
}

std::string hex(std::uint32_t value) {
  std::array<char, 8> digits;
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr};
}

std::optional<std::uint32_t> from_hex(std::string_view digits) noexcept {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

void append_utf8(char32_t c, std::string& text) {
  const auto byte = [&](char32_t bits) { text += static_cast<char>(static_cast<unsigned char>(bits)); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xC0 | c >> 6);
  } else if (c < 0x10000) {
    byte(0xE0 | c >> 12);
    byte(0x80 | (c >> 6 & 0x3F));
  } else {
    byte(0xF0 | c >> 18);
    byte(0x80 | (c >> 12 & 0x3F));
    byte(0x80 | (c >> 6 & 0x3F));
  }
  byte(0x80 | (c & 0x3F));
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character c = first_character(text);
    const std::size_t length = std::max<std::size_t>(c.length, 1);
    if (c.length == 0) {
      out += "\\x" + hex(static_cast<unsigned char>(text[0]));
    } else if (c.value == '\\') {
      out += "\\\\";
    } else if (is_unseen(c.value)) {
      out += "\\u{" + hex(c.value) + "}";
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

std::optional<std::string> unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;

    if (text.starts_with("\\\\")) {
      out += '\\';
      text.remove_prefix(2);
    } else if (text.starts_with("\\x") && text.size() >= 4) {
      const std::optional<std::uint32_t> byte = from_hex(text.substr(2, 2));
      if (!byte) return std::nullopt;
      out += static_cast<char>(static_cast<unsigned char>(*byte));
      text.remove_prefix(4);
    } else if (text.starts_with("\\u{")) {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos) return std::nullopt;
      const std::optional<std::uint32_t> c = from_hex(text.substr(3, end - 3));
      if (!c || *c > 0x10FFFF) return std::nullopt;
      append_utf8(*c, out);
      text.remove_prefix(end + 1);
    } else {
      return std::nullopt;
    }
  }
  return out;
}

std::size_t columns(std::string_view escaped) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(escaped, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace mcnc::tools
