// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What programs say of a command line that they cannot follow.
#ifndef MCNC_TOOLS_COMMON_COMMAND_LINE_H_
#define MCNC_TOOLS_COMMON_COMMAND_LINE_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcnc::tools {

// One sentence: what is wrong, the command or option that was probably meant, and which --help says more. program: has
// just thrown `error`.
std::string mistake_text(const CLI::App& program, const CLI::ParseError& error);

// Of values that must be whole numbers from `least` to `most`.
CLI::Validator whole_number(std::uint64_t least, std::uint64_t most);

// Throws CLI::ValidationError: `option` cannot be `text`, which is not one of `words`.
[[noreturn]] void refuse_word(const std::string& option, const std::string& text,
                              std::span<const std::string_view> words);

// What `text` stands for among `choices`, pairs of a word and a value. Throws CLI::ValidationError where it is none.
template <typename Choices>
auto choose(const std::string& option, const std::string& text, const Choices& choices) {
  std::vector<std::string_view> words;
  for (const auto& [word, value] : choices) {
    if (word == text) return value;
    words.push_back(word);
  }
  refuse_word(option, text, words);
}

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_COMMAND_LINE_H_
