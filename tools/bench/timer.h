// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_BENCH_TIMER_H_
#define MCNC_TOOLS_BENCH_TIMER_H_

#include <functional>

#include "mcnc/status.h"

namespace mcnc::tools {

// Seconds that `run` takes. One that is too short for the clock is repeated.
Result<double> seconds_of(const std::function<Status()>& run);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_BENCH_TIMER_H_
