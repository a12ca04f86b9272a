// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/progress_line.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "common/escape.h"
#include "common/interrupt.h"
#include "common/terminal.h"

namespace mcnc::tools {
namespace {

constexpr std::chrono::milliseconds kPatience{500};  // shorter work says nothing
constexpr std::chrono::milliseconds kRefresh{200};

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::ceil(std::min(seconds, 1e9)));
  if (whole < 100) return std::to_string(whole) + " s";
  if (whole < 6000) return std::to_string((whole + 59) / 60) + " min";
  return std::to_string((whole + 3599) / 3600) + " h";
}

}  // namespace

std::string progress_text(const std::string& doing, std::uint64_t done, std::uint64_t total, double seconds) {
  const double part = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  std::string text = doing + ": " + std::to_string(static_cast<int>(100 * part)) + " %";
  if (part > 0) text += ", " + duration_text(seconds / part - seconds) + " left";
  return text;
}

ProgressLine::ProgressLine(std::string doing, std::uint64_t total)
    : doing_(escape(doing)), total_(total), terminal_(is_terminal(STDERR_FILENO)), next_(start_ + kPatience) {}

ProgressLine::~ProgressLine() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

std::function<Status(const Progress&)> ProgressLine::callback() {
  return [this](const Progress& progress) {
    show(progress.done, progress.total);
    return check_interrupt();
  };
}

void ProgressLine::show(std::uint64_t done, std::uint64_t total) {
  done_ = done;
  if (!terminal_ || total == 0 || Clock::now() < next_) return;
  next_ = Clock::now() + kRefresh;
  shown_ = true;
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  // A line that wraps could not be removed again. What is cut is the name, which comes first.
  std::string text = progress_text(doing_, done, total, seconds);
  const std::size_t width = terminal_width(STDERR_FILENO) - 1;
  if (columns(text) > width) text = progress_text("working", done, total, seconds);
  std::fprintf(stderr, "\r%s\x1b[K", text.c_str());
  std::fflush(stderr);
}

}  // namespace mcnc::tools
