// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// How far weights move where codes, generators or theta0 are rounded, for people.
#ifndef MCNC_TOOLS_MCNC_WEIGHT_CHANGE_H_
#define MCNC_TOOLS_MCNC_WEIGHT_CHANGE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "common/table.h"
#include "mcnc/decoder.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// How far a tensor moved.
struct WeightChange {
  double largest = 0;  // of any element
  double weight = 0;   // the largest magnitude of the old ones

  // What share of the largest weight that is; 1 where all weights were 0.
  double relative() const noexcept { return weight > 0 ? largest / weight : 1; }
};

// Decodes the tensor of index `from` of one file and that of index `to` of the other, which have the same dtype and
// shape, a piece of each at a time.
Result<WeightChange> weight_change(Decoder& before, std::size_t from, Decoder& after, std::size_t to,
                                   const Tensor& tensor);

// The first row of a table of changes, and one for a tensor.
inline constexpr char kChangeAlignment[] = "lrr";
std::vector<std::string> change_title();
std::vector<std::string> change_row(const std::string& tensor, const WeightChange& change);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_WEIGHT_CHANGE_H_
