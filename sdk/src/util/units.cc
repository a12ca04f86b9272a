// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/units.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace mcnc {
namespace {

// Three significant digits with the largest prefix that leaves at least one before the point.
std::string scaled(std::uint64_t value, double step, std::string_view prefixes, const char* unit) {
  double number = static_cast<double>(value);
  std::size_t prefix = 0;
  while (number >= step && prefix < prefixes.size()) {
    number /= step;
    ++prefix;
  }
  std::array<char, 32> text;
  const int decimals = number < 10 ? 2 : number < 100 ? 1 : 0;
  std::snprintf(text.data(), text.size(), "%.*f %c%s", decimals, number, prefixes[prefix - 1], unit);
  return text.data();
}

}  // namespace

std::string grouped(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string human_bytes(std::uint64_t bytes) {
  return bytes < 1024 ? std::to_string(bytes) + " B" : scaled(bytes, 1024, "KMGTPE", "iB");
}

std::string human_count(std::uint64_t count) {
  return count < 1000 ? std::to_string(count) : scaled(count, 1000, "KMGTPE", "");
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return grouped(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (const std::uint64_t dimension : shape) {
    if (!text.empty()) text += " x ";
    text += std::to_string(dimension);
  }
  return text;
}

std::optional<std::uint64_t> parse_quantity(std::string_view text, std::uint64_t step) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
  if (suffix.empty()) return value;
  if (step == 1024 && suffix.ends_with("iB")) suffix.remove_suffix(2);
  if (suffix.empty()) return std::nullopt;
  const std::size_t power = std::string_view("KMGTPkmgtp").find(suffix[0]);
  if (suffix.size() != 1 || power == std::string_view::npos) return std::nullopt;
  for (std::size_t i = 0; i <= power % 5; ++i) {
    if (value > ~std::uint64_t{0} / step) return std::nullopt;
    value *= step;
  }
  return value;
}

}  // namespace mcnc
