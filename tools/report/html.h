// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Pieces of HTML. Every text that comes from a file goes through html_text: escape() first, then &, <, > and quotes, so
// that no name becomes markup or turns a line around.
#ifndef MCNC_TOOLS_REPORT_HTML_H_
#define MCNC_TOOLS_REPORT_HTML_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/histogram.h"

namespace mcnc::tools {

// Of text as a file has it.
std::string html_text(std::string_view text);

// A whole page without scripts and without anything from elsewhere, light or dark as the reader's system is.
std::string html_page(const std::string& title, const std::string& body);

// Figures that are read first: (value, what it is), as html_text gives them.
std::string html_cards(const std::vector<std::pair<std::string, std::string>>& cards);

// One part of a bar.
struct Share {
  std::string label;  // as html_text gives it
  std::uint64_t bytes = 0;
  int colour = 0;  // 0 to 7
};
// A bar of the parts, to scale; who cannot see it is told `summary`.
std::string html_bar(const std::vector<Share>& shares, const std::string& summary);

// A table with a caption. Cells are HTML; `alignment` has a letter a column, 'l' flush left, 'r' flush right.
std::string html_table(const std::string& caption, std::string_view alignment, const std::vector<std::string>& titles,
                       const std::vector<std::vector<std::string>>& rows);

// A line through values that follow each other, as high as from the least to the most. The first and the last are said
// in words.
std::string html_line(const std::vector<double>& values, const std::string& what);

// The bars of a distribution, with least, mean and most in words for who cannot see them.
std::string html_histogram(const Distribution& distribution, const std::string& what);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_REPORT_HTML_H_
