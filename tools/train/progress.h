// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_TRAIN_PROGRESS_H_
#define MCNC_TOOLS_TRAIN_PROGRESS_H_

#include <chrono>
#include <cstddef>
#include <string>

namespace mcnc::tools {

// How training gets on, on standard error: one line rewritten on a terminal, otherwise a line an epoch.
class Progress {
 public:
  Progress(std::size_t epochs, std::size_t steps_per_epoch);
  // Ends the line on a terminal.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // After `steps` of all steps; loss and accuracy of the current epoch so far.
  void update(std::size_t steps, double loss, double accuracy);

  double seconds() const;

 private:
  std::string line(std::size_t steps, double loss, double accuracy) const;

  using Clock = std::chrono::steady_clock;
  std::size_t epochs_;
  std::size_t steps_per_epoch_;
  bool terminal_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_;  // when a terminal is written to again
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_TRAIN_PROGRESS_H_
