// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_COMMON_TABLE_H_
#define MCNC_TOOLS_COMMON_TABLE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mcnc::tools {

// A text in lines of at most `width` columns, broken behind blanks and slashes where there are any. width: not 0.
std::vector<std::string> wrap(std::string_view escaped, std::size_t width);

// Rows of text in aligned columns, two blanks apart. Cells must be safe to print.
class Table {
 public:
  // One letter a column: 'l' flush left, 'r' flush right.
  explicit Table(std::string alignment) : alignment_(std::move(alignment)) {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const noexcept { return rows_.empty(); }
  static constexpr std::size_t kAnyWidth = ~std::size_t{0};
  // One line a row, each after `indent`, no blanks at the end. Where that is wider than `width`, the widest columns
  // that are flush left become narrower, as far as kLeastColumn, and what does not fit there goes on in the next lines.
  std::string to_string(const std::string& indent, std::size_t width = kAnyWidth) const;

 private:
  std::string alignment_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_TABLE_H_
