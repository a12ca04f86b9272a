// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/suggest.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace mcnc::tools {
namespace {

constexpr std::size_t kMaxLength = 200;  // nobody mistypes a longer word
constexpr std::size_t kMaxChanges = 16;  // nor makes more mistakes in one

// How often each byte occurs.
using Counts = std::array<int, 256>;

Counts counts_of(std::string_view word) {
  Counts counts{};
  for (const char c : word) ++counts[static_cast<unsigned char>(c)];
  return counts;
}

// At least so many changes are needed from a word with these counts to `other`: each inserts, removes or replaces one
// character, or exchanges two.
std::size_t least_changes(Counts counts, std::string_view other) {
  for (const char c : other) --counts[static_cast<unsigned char>(c)];
  int missing = 0;
  int surplus = 0;
  for (const int count : counts) (count > 0 ? surplus : missing) += std::abs(count);
  return static_cast<std::size_t>(std::max(missing, surplus));
}

// Characters to insert, remove or replace, or neighbours to exchange, from one word to the other; most + 1 where there
// are more than `most`. Only the cells of the table that are within `most` of its diagonal can matter.
std::size_t distance(std::string_view a, std::string_view b, std::size_t most) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) a.remove_prefix(1), b.remove_prefix(1);
  while (!a.empty() && !b.empty() && a.back() == b.back()) a.remove_suffix(1), b.remove_suffix(1);
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > most) return most + 1;

  // Row i of the table has, for each j, the changes from a's first i characters to b's first j.
  using Row = std::array<std::uint8_t, kMaxLength + 1>;
  Row before_last{};
  Row last{};
  Row row{};
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<std::uint8_t>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last = last;
    last = row;
    const std::size_t first = i > most ? i - most : 1;
    const std::size_t end = std::min(b.size(), i + most);
    const std::size_t too_many = most + 1;
    row.fill(static_cast<std::uint8_t>(too_many));
    if (i <= most) row[0] = static_cast<std::uint8_t>(i);
    std::size_t least = row[0];
    for (std::size_t j = first; j <= end; ++j) {
      const std::size_t replaced = last[j - 1] + std::size_t{a[i - 1] != b[j - 1]};
      std::size_t changes = std::min({last[j] + std::size_t{1}, row[j - 1] + std::size_t{1}, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        changes = std::min(changes, before_last[j - 2] + std::size_t{1});
      }
      row[j] = static_cast<std::uint8_t>(std::min(changes, too_many));
      least = std::min(least, changes);
    }
    if (least > most) return too_many;
  }
  return row[b.size()];
}

}  // namespace

std::string suggestion(std::string_view word, std::span<const std::string_view> known) {
  if (word.size() > kMaxLength) return {};
  const Counts counts = counts_of(word);
  std::string_view nearest;
  // A word of which nothing would be left, such as the option -Z for -h, is not mistyped.
  const auto letters = static_cast<std::size_t>(std::ranges::count_if(word, [](char c) { return c != '-'; }));
  if (letters < 2) return {};
  std::size_t most = std::clamp<std::size_t>(word.size() / 3, 1, kMaxChanges);
  for (const std::string_view candidate : known) {
    if (candidate.size() > kMaxLength || least_changes(counts, candidate) > most) continue;
    const std::size_t changes = distance(word, candidate, most);
    if (changes > most) continue;
    nearest = candidate;
    if (changes <= 1) break;
    most = changes - 1;
  }
  return nearest.empty() ? std::string() : " (did you mean \"" + std::string(nearest) + "\"?)";
}

}  // namespace mcnc::tools
