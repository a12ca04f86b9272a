// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/figures.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "common/table.h"

namespace mcnc::tools {
namespace {

double median(std::vector<double> numbers) {
  std::ranges::sort(numbers);
  const std::size_t middle = numbers.size() / 2;
  return numbers.size() % 2 == 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2;
}

// `amount` a second.
double rate(const Figure& figure, std::uint64_t amount) { return static_cast<double>(amount) / median(figure.seconds); }

double share_of_peak(const Figure& figure) {
  std::vector<double> shares;
  for (std::size_t i = 0; i < figure.peaks.size(); ++i) {
    shares.push_back(static_cast<double>(figure.what.multiply_adds) / figure.seconds[i] / figure.peaks[i]);
  }
  return median(std::move(shares));
}

std::string fixed(double number, int decimals) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.*f", decimals, number);
  return text.data();
}

// In thousands of millions; nothing where there is nothing to count.
std::string billions(const Figure& figure, std::uint64_t amount) {
  return amount == 0 ? "" : fixed(rate(figure, amount) / 1e9, 2);
}

}  // namespace

std::string figures_table(std::span<const Figure> figures) {
  Table table("lrlrrrrrr");
  table.add({"case", "threads", "digests", "GB/s", "x memcpy", "min", "max", "G weights/s", "G multiply-adds/s"});
  std::string peaks;
  for (const Figure& figure : figures) {
    const Case& what = figure.what;
    table.add({what.name, std::to_string(what.threads),
               what.target.empty() ? ""
               : what.digests      ? "checked"
                                   : "no",
               billions(figure, what.bytes), fixed(median(figure.ratios), 3), fixed(std::ranges::min(figure.ratios), 3),
               fixed(std::ranges::max(figure.ratios), 3), billions(figure, what.weights),
               billions(figure, what.multiply_adds)});
    if (figure.peaks.empty()) continue;
    peaks += what.name + (what.digests ? ", digests checked" : "") + ", threads " + std::to_string(what.threads) +
             ": " + fixed(100 * share_of_peak(figure), 1) + " % of " + fixed(median(figure.peaks) / 1e9, 0) +
             " G multiply-adds/s, the peak of int8 dot products\n";
  }
  return table.to_string("") + (peaks.empty() ? "" : "\n" + peaks);
}

std::string figures_json(std::span<const Figure> figures) {
  auto array = nlohmann::ordered_json::array();
  for (const Figure& figure : figures) {
    const Case& what = figure.what;
    nlohmann::ordered_json object = {
        {"case", what.name},
        {"threads", what.threads},
        {"target", nullptr},
        {"digests", what.digests},
        {"bytes", what.bytes},
        {"rounds", figure.seconds.size()},
        {"gigabytes_per_second", rate(figure, what.bytes) / 1e9},
        {"ratio_to_memcpy", median(figure.ratios)},
        {"ratio_min", std::ranges::min(figure.ratios)},
        {"ratio_max", std::ranges::max(figure.ratios)},
    };
    if (!what.target.empty()) object["target"] = what.target;
    if (what.weights != 0) object["weights_per_second"] = rate(figure, what.weights);
    if (what.multiply_adds != 0) object["multiply_adds_per_second"] = rate(figure, what.multiply_adds);
    if (!figure.peaks.empty()) {
      object["peak_multiply_adds_per_second"] = median(figure.peaks);
      object["share_of_peak"] = share_of_peak(figure);
    }
    array.push_back(std::move(object));
  }
  return array.dump(2) + "\n";
}

}  // namespace mcnc::tools
