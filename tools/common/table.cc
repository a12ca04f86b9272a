// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/table.h"

#include <algorithm>
#include <cstddef>

#include "common/escape.h"

namespace mcnc::tools {

namespace {

constexpr std::size_t kLeastColumn = 12;
constexpr std::size_t kGap = 2;  // blanks between columns

// Bytes of the first `width` characters of `text`, or of all of it.
std::size_t bytes_of(std::string_view text, std::size_t width) {
  std::size_t bytes = 0;
  for (; bytes < text.size(); ++bytes) {
    const bool begins = (static_cast<unsigned char>(text[bytes]) & 0xC0) != 0x80;
    if (begins && width-- == 0) break;
  }
  return bytes;
}

}  // namespace

std::vector<std::string> wrap(std::string_view escaped, std::size_t width) {
  std::vector<std::string> lines;
  while (columns(escaped) > width) {
    const std::size_t most = bytes_of(escaped, width);
    // A blank that stands right behind the line ends it, too.
    std::size_t end = escaped.find_last_of(' ', most);
    if (end == std::string_view::npos || end == 0) {
      end = escaped.substr(0, most).find_last_of("/.,");
      end = end == std::string_view::npos ? most : end + 1;
    }
    lines.emplace_back(escaped.substr(0, end));
    escaped.remove_prefix(end);
    escaped.remove_prefix(std::min(escaped.find_first_not_of(' '), escaped.size()));
  }
  lines.emplace_back(escaped);
  return lines;
}

std::string Table::to_string(const std::string& indent, std::size_t width) const {
  std::vector<std::size_t> widths(alignment_.size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  }
  std::size_t total = indent.size() + kGap * (alignment_.empty() ? 0 : alignment_.size() - 1);
  for (const std::size_t each : widths) total += each;
  for (; total > width; --total) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const bool may_shrink = alignment_[i] == 'l' && widths[i] > kLeastColumn;
      if (may_shrink && (widest == widths.size() || widths[i] > widths[widest])) widest = i;
    }
    if (widest == widths.size()) break;
    --widths[widest];
  }

  std::string text;
  for (const auto& row : rows_) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells.push_back(alignment_[i] == 'r' ? std::vector{row[i]} : wrap(row[i], std::max<std::size_t>(1, widths[i])));
      height = std::max(height, cells.back().size());
    }
    for (std::size_t j = 0; j < height; ++j) {
      std::string line = indent;
      for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string part = j < cells[i].size() ? cells[i][j] : std::string();
        const std::string blanks(widths[i] - columns(part), ' ');
        if (i > 0) line.append(kGap, ' ');
        line += alignment_[i] == 'r' ? blanks + part : part + blanks;
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + "\n";
    }
  }
  return text;
}

}  // namespace mcnc::tools
