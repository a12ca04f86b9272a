// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/ptx/tokens.h"

#include <algorithm>
#include <cctype>

#include "cuda/ptx/fault.h"

namespace mcnc::ptx {
namespace {

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '%' || c == '.';
}

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t line = 1;
  std::size_t i = 0;
  const auto starts = [&](std::string_view prefix) { return text.substr(i).starts_with(prefix); };
  const auto skip_to = [&](std::size_t end) {
    end = std::min(end, text.size());
    line += static_cast<std::size_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(i),
                                                text.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    i = end;
  };
  while (i < text.size()) {
    if (std::isspace(static_cast<unsigned char>(text[i])) != 0) {
      skip_to(i + 1);
    } else if (starts("//")) {
      skip_to(text.find('\n', i));
    } else if (starts("/*")) {
      const std::size_t end = text.find("*/", i);
      if (end == std::string_view::npos) throw Refused("line " + std::to_string(line) + ": a comment does not end");
      skip_to(end + 2);
    } else if (text[i] == '"') {
      const std::size_t end = text.find('"', i + 1);
      if (end == std::string_view::npos) throw Refused("line " + std::to_string(line) + ": a text does not end");
      tokens.push_back({line, std::string(text.substr(i, end + 1 - i))});
      skip_to(end + 1);
    } else if (is_word_character(text[i])) {
      std::size_t end = i;
      // "L1::no_allocate" and "shared::cta" are parts of a word; the colon after a label is not.
      while (end < text.size() && (is_word_character(text[end]) || text.substr(end).starts_with("::"))) {
        end += text[end] == ':' ? 2 : 1;
      }
      tokens.push_back({line, std::string(text.substr(i, end - i))});
      i = end;
    } else {
      tokens.push_back({line, std::string(1, text[i])});
      ++i;
    }
  }
  tokens.push_back({line, ""});
  return tokens;
}

std::string Tokens::take() {
  if (is_at_end()) refuse("the text ends too early");
  return tokens_[next_++].text;
}

bool Tokens::take_if(std::string_view text) {
  if (is_at_end() || peek() != text) return false;
  ++next_;
  return true;
}

void Tokens::expect(std::string_view text) {
  if (!take_if(text)) refuse("'" + std::string(text) + "' is expected here");
}

void Tokens::refuse(const std::string& why) const {
  throw Refused("line " + std::to_string(line()) + ", at '" + peek() + "': " + why);
}

bool is_name(std::string_view token) {
  return !token.empty() && token[0] != '.' && is_word_character(token[0]) &&
         std::isdigit(static_cast<unsigned char>(token[0])) == 0;
}

}  // namespace mcnc::ptx
