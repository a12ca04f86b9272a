// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// How fast this processor's int8 dot products could be.
#ifndef MCNC_TOOLS_BENCH_DOT_PEAK_H_
#define MCNC_TOOLS_BENCH_DOT_PEAK_H_

#include <string_view>

#include "mcnc/parallel.h"

namespace mcnc::tools {

// Whether measure_dot_peak knows the instruction of this target.
bool has_dot_peak(std::string_view target);

// Multiply-adds a second, all threads together, of a loop that does nothing but that instruction on registers.
double measure_dot_peak(ParallelRunner& threads);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_BENCH_DOT_PEAK_H_
