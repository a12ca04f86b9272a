// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The words of PTX.
#ifndef MCNC_TESTS_CUDA_PTX_TOKENS_H_
#define MCNC_TESTS_CUDA_PTX_TOKENS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mcnc::ptx {

struct Token {
  std::size_t line = 0;
  // A word with its dots ("ld.global.u32", "%tid.x", ".reg", "0f3F800000"), one sign, or "" at the end of the text. A
  // text in quotes begins with a quote.
  std::string text;
};

// Comments are left out. The last token is the end. Throws Refused.
std::vector<Token> tokenize(std::string_view text);

// A place in a list of tokens, and what may stand there.
class Tokens {
 public:
  explicit Tokens(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const std::string& peek() const { return tokens_[next_].text; }
  std::size_t line() const { return tokens_[next_].line; }
  bool is_at_end() const { return peek().empty(); }
  std::string take();
  // Takes the next token if it is `text`.
  bool take_if(std::string_view text);
  // Throws Refused if the next token is another.
  void expect(std::string_view text);
  // Throws Refused with the line of the next token.
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
};

// A name of a register, a variable or a label.
bool is_name(std::string_view token);

}  // namespace mcnc::ptx

#endif  // MCNC_TESTS_CUDA_PTX_TOKENS_H_
