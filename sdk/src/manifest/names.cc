// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/names.h"

#include <algorithm>
#include <cstddef>

namespace mcnc {
namespace {

// Could be read as a place in a file system: absolute, with a drive, with backslashes, or climbing.
bool is_path_like(std::string_view name) noexcept {
  if (name.front() == '/' || name.find('\\') != std::string_view::npos) return true;
  if (name.size() > 1 && name[1] == ':') return true;
  while (true) {
    const std::size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    if (part == "." || part == "..") return true;
    if (slash == std::string_view::npos) return false;
    name.remove_prefix(slash + 1);
  }
}

// U+0000 to U+001F, U+007F and, as C2 80 to C2 9F, U+0080 to U+009F.
bool has_control_character(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) return true;
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead < 0x80) continue;
    std::size_t more = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
      more = 1;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      more = 2;
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      more = 3;
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
    } else {
      return false;
    }
    for (; more > 0; --more) {
      if (i == text.size()) return false;
      const auto next = static_cast<unsigned char>(text[i++]);
      if (next < low || next > high) return false;
      low = 0x80;
      high = 0xBF;
    }
  }
  return true;
}

bool is_tensor_name(std::string_view name) noexcept {
  constexpr std::size_t kMaxSize = 1024;
  return !name.empty() && name.size() <= kMaxSize && name != "__metadata__" && is_utf8(name) &&
         !has_control_character(name) && !is_path_like(name);
}

bool is_metadata_key(std::string_view key) noexcept {
  constexpr std::size_t kMaxSize = 256;
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (key.empty() || key.size() > kMaxSize || key.front() == '.' || key.back() == '.') return false;
  if (key.find('.') == std::string_view::npos || key.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(key, [&](char c) { return c == '.' || is_word(c); });
}

}  // namespace mcnc
