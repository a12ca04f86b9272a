// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "report/html.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>

#include "common/escape.h"

namespace mcnc::tools {
namespace {

// Colours of text and of bars have a contrast of at least 4.5 and 3 to 1 with what is behind them, light and dark.
constexpr char kStyle[] = R"(
:root { color-scheme: light dark; --text: #1b1f24; --faint: #57606a; --back: #ffffff; --line: #d0d7de;
  --c0: #0550ae; --c1: #9a4a00; --c2: #116329; --c3: #8250df; --c4: #bf3989; --c5: #6e7781; --c6: #1b7c83; --c7: #a40e26; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --faint: #9da7b3; --back: #0d1117; --line: #30363d;
  --c0: #6cb6ff; --c1: #f0883e; --c2: #57ab5a; --c3: #b392f0; --c4: #e275ad; --c5: #9da7b3; --c6: #39c5cf; --c7: #ff7b72; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; overflow-wrap: anywhere; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0 .75rem; } .faint { color: var(--faint); }
code, td.code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .85em; overflow-wrap: anywhere; }
.bar { display: flex; height: 2.25rem; border-radius: .3rem; overflow: hidden; background: var(--line); }
.bar span { min-width: 1px; border-right: 1px solid var(--back); }
ul.key { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0; padding: 0; }
ul.key i { display: inline-block; width: .8em; height: .8em; border-radius: .15em; margin-right: .4em; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; color: var(--faint); padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
svg { width: 13rem; height: 3rem; display: block; } svg rect { fill: var(--c0); }
svg.line { width: 100%; height: 9rem; } svg polyline { fill: none; stroke: var(--c0); stroke-width: 2;
  vector-effect: non-scaling-stroke; } figure { margin: .5rem 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1.5rem; }
.cards { display: flex; flex-wrap: wrap; gap: 1rem; } .card { border: 1px solid var(--line); border-radius: .4rem;
  padding: .6rem .9rem; min-width: 9rem; } .card b { display: block; font-size: 1.25rem; }
@media print { body { max-width: none; } }
)";

std::string number(double value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string percent(double part) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.4f", 100 * part);
  return text.data();
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string html;
  for (const char c : escape(text)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string html_page(const std::string& title, const std::string& body) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         title + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n" + body + "</body>\n</html>\n";
}

std::string html_cards(const std::vector<std::pair<std::string, std::string>>& cards) {
  std::string html = "<div class=\"cards\">\n";
  for (const auto& [value, what] : cards) {
    html += "<div class=\"card\"><b>" + value + "</b><span class=\"faint\">" + what + "</span></div>\n";
  }
  return html + "</div>\n";
}

std::string html_bar(const std::vector<Share>& shares, const std::string& summary) {
  std::uint64_t total = 0;
  for (const Share& share : shares) total += share.bytes;
  if (total == 0) return {};
  std::string bar = "<div class=\"bar\" role=\"img\" aria-label=\"" + summary + "\">";
  std::string key = "<ul class=\"key\" aria-hidden=\"true\">";
  std::array<bool, 8> named = {};
  for (const Share& share : shares) {
    if (share.bytes == 0) continue;
    const std::string part = percent(static_cast<double>(share.bytes) / static_cast<double>(total));
    const std::string colour = "background:var(--c" + std::to_string(share.colour) + ")";
    bar += "<span title=\"" + share.label + ", " + part + " %\" style=\"width:" + part + "%;" + colour + "\"></span>";
    const auto index = static_cast<std::size_t>(share.colour);
    if (!named[index]) {
      key += "<li><i style=\"" + colour + "\"></i>" + share.label.substr(0, share.label.find(':')) + "</li>";
    }
    named[index] = true;
  }
  return bar + "</div>\n" + key + "</ul>\n";
}

std::string html_table(const std::string& caption, std::string_view alignment, const std::vector<std::string>& titles,
                       const std::vector<std::vector<std::string>>& rows) {
  const auto side = [&](std::size_t i) {
    return alignment[i] == 'r' ? std::string(" class=\"number\"") : std::string();
  };
  std::string html = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + caption +
                     "\"><table><caption>" + caption + "</caption>\n<thead><tr>";
  for (std::size_t i = 0; i < titles.size(); ++i) html += "<th scope=\"col\"" + side(i) + ">" + titles[i] + "</th>";
  html += "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : rows) {
    html += "<tr><th scope=\"row\"><code>" + row.front() + "</code></th>";
    for (std::size_t i = 1; i < row.size(); ++i) html += "<td" + side(i) + ">" + row[i] + "</td>";
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string html_line(const std::vector<double>& values, const std::string& what) {
  constexpr double kHeight = 24;
  if (values.empty()) return {};
  const auto range = std::ranges::minmax(values);
  const double scale = range.max > range.min ? kHeight / (range.max - range.min) : 0;
  const std::string words = what + ": " + number(values.front()) + " to " + number(values.back());
  const std::size_t width = std::max<std::size_t>(1, values.size() - 1);
  std::string points;
  const auto add = [&](std::size_t x, double value) {
    points += std::to_string(x) + "," + number(kHeight - scale * (value - range.min)) + " ";
  };
  for (std::size_t i = 0; i < values.size(); ++i) add(i, values[i]);
  if (values.size() == 1) add(1, values.front());  // a level line, not a point
  return "<figure><figcaption>" + words + "</figcaption><svg class=\"line\" viewBox=\"0 -1 " + std::to_string(width) +
         " 26\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"" + words + "\"><polyline points=\"" + points +
         "\"/></svg></figure>\n";
}

std::string html_histogram(const Distribution& distribution, const std::string& what) {
  const auto bars = distribution.bars();
  const std::uint64_t highest = std::max<std::uint64_t>(1, *std::ranges::max_element(bars));
  std::string words = what + ": from " + number(distribution.least()) + " to " + number(distribution.most()) +
                      ", mean " + number(distribution.mean()) + ", standard deviation " +
                      number(distribution.deviation());
  if (distribution.not_finite() > 0) words += ", " + std::to_string(distribution.not_finite()) + " not finite";
  std::string html = "<svg viewBox=\"0 0 " + std::to_string(Distribution::kBars) +
                     " 24\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"" + words + "\">";
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (bars[i] == 0) continue;
    const double height = std::max(0.4, 24 * static_cast<double>(bars[i]) / static_cast<double>(highest));
    html += "<rect x=\"" + std::to_string(i) + "\" y=\"" + number(24 - height) + "\" width=\".85\" height=\"" +
            number(height) + "\"/>";
  }
  return html + "</svg><span class=\"faint\">" + number(distribution.least()) + " to " + number(distribution.most()) +
         ", &sigma; " + number(distribution.deviation()) +
         (distribution.not_finite() > 0 ? ", " + std::to_string(distribution.not_finite()) + " not finite" : "") +
         "</span>";
}

}  // namespace mcnc::tools
