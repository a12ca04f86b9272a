// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What was measured, as a table and as JSON.
#ifndef MCNC_TOOLS_BENCH_FIGURES_H_
#define MCNC_TOOLS_BENCH_FIGURES_H_

#include <span>
#include <string>
#include <vector>

#include "bench/case.h"

namespace mcnc::tools {

// Of one case; a number each round.
struct Figure {
  Case what;
  std::vector<double> seconds;
  std::vector<double> ratios;  // its bytes a second, divided by those of a memcpy right before
  std::vector<double> peaks;   // multiply-adds a second that int8 dot products could reach; none: not known
};

std::string figures_table(std::span<const Figure> figures);
// An array of objects, one each.
std::string figures_json(std::span<const Figure> figures);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_BENCH_FIGURES_H_
