// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_COMMON_TABLE_H_
#define MCNC_TOOLS_COMMON_TABLE_H_

#include <string>
#include <vector>

namespace mcnc::tools {

// Rows of text in aligned columns, two blanks apart. Cells must be safe to print.
class Table {
 public:
  // One letter a column: 'l' flush left, 'r' flush right.
  explicit Table(std::string alignment) : alignment_(std::move(alignment)) {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const noexcept { return rows_.empty(); }
  // One line a row, each after `indent`, no blanks at the end.
  std::string to_string(const std::string& indent) const;

 private:
  std::string alignment_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_TABLE_H_
