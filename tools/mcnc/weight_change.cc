// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "weight_change.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include "common/escape.h"
#include "common/interrupt.h"
#include "element.h"

namespace mcnc::tools {
namespace {

std::string significant(double number) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.3g", number);
  return text.data();
}

}  // namespace

Result<WeightChange> weight_change(Decoder& before, std::size_t from, Decoder& after, std::size_t to,
                                   const Tensor& tensor) {
  constexpr std::uint64_t kPieceElements = std::uint64_t{1} << 18;
  WeightChange change;
  const std::size_t size = size_of(tensor.dtype);
  std::array<std::vector<std::byte>, 2> w;
  const std::uint64_t elements = tensor.elements();
  for (std::uint64_t first = 0; first < elements; first += kPieceElements) {
    if (Status s = check_interrupt(); !s.ok()) return s;
    const std::uint64_t count = std::min(kPieceElements, elements - first);
    for (std::vector<std::byte>& bytes : w) bytes.resize(static_cast<std::size_t>(count * size));
    if (Status s = before.decode_range(from, first, count, w[0]); !s.ok()) return s;
    if (Status s = after.decode_range(to, first, count, w[1]); !s.ok()) return s;
    for (std::size_t at = 0; at < w[0].size(); at += size) {
      const double old = value_at(&w[0][at], tensor.dtype);
      change.largest = std::max(change.largest, std::fabs(value_at(&w[1][at], tensor.dtype) - old));
      change.weight = std::max(change.weight, std::fabs(old));
    }
  }
  return change;
}

std::vector<std::string> change_title() { return {"tensor", "largest difference", "of the largest weight"}; }

std::vector<std::string> change_row(const std::string& tensor, const WeightChange& change) {
  return {escape(tensor), significant(change.largest), significant(100 * change.relative()) + " %"};
}

}  // namespace mcnc::tools
