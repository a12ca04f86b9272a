// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// How far long work has come, for a person who waits: one line on standard error that is written again and again, with
// the time that is left. Only on a terminal, only where the work takes longer than a moment, and gone when it is done.
#ifndef MCNC_TOOLS_COMMON_PROGRESS_LINE_H_
#define MCNC_TOOLS_COMMON_PROGRESS_LINE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "common/output.h"
#include "mcnc/execution.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// One thread at a time may use it. It stays where it is while callback() is in use.
class ProgressLine {
 public:
  // `doing`: such as "decoding model.mcnc". `total`: bytes of all of the work; 0 where callback() is for one call of
  // the library, which knows it.
  explicit ProgressLine(std::string doing, std::uint64_t total = 0);
  // Removes the line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // As Execution::progress. Also ends the call where an interrupt is noted (interrupt.h).
  std::function<Status(const Progress&)> callback();

  // `bytes` more are done.
  void advance(std::uint64_t bytes) { show(done_ + bytes, total_); }

 private:
  void show(std::uint64_t done, std::uint64_t total);

  using Clock = std::chrono::steady_clock;
  std::string doing_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_;  // when the line is written again
};

// "decoding model.mcnc: 45 %, 12 s left", of which `seconds` have passed. total: not 0.
std::string progress_text(const std::string& doing, std::uint64_t done, std::uint64_t total, double seconds);

// Another output, and a line that says how much has been written to it.
class WatchedOutput final : public Output {
 public:
  WatchedOutput(Output& output, ProgressLine& line) noexcept : output_(output), line_(line) {}

  Status write(std::span<const std::byte> bytes) override {
    if (Status s = output_.write(bytes); !s.ok()) return s;
    line_.advance(bytes.size());
    return {};
  }
  Status commit() override { return output_.commit(); }

 private:
  Output& output_;
  ProgressLine& line_;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_PROGRESS_LINE_H_
