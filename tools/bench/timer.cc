// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/timer.h"

#include <chrono>

namespace mcnc::tools {

Result<double> seconds_of(const std::function<Status()>& run) {
  constexpr double kEnough = 0.005;
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  for (int runs = 1;; ++runs) {
    if (Status s = run(); !s.ok()) return s;
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (seconds >= kEnough) return seconds / runs;
  }
}

}  // namespace mcnc::tools
