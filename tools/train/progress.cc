// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "train/progress.h"

#include <unistd.h>

#include <array>
#include <cstdio>

namespace mcnc::tools {
namespace {

constexpr std::chrono::milliseconds kRefresh{200};

}  // namespace

Progress::Progress(std::size_t epochs, std::size_t steps_per_epoch)
    : epochs_(epochs), steps_per_epoch_(steps_per_epoch), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (terminal_ && next_ != start_) std::fputc('\n', stderr);
}

void Progress::update(std::size_t steps, double loss, double accuracy) {
  const bool epoch_done = steps % steps_per_epoch_ == 0;
  if (terminal_ && (epoch_done || Clock::now() >= next_)) {
    next_ = Clock::now() + kRefresh;
    std::fprintf(stderr, "\r%s\x1b[K", line(steps, loss, accuracy).c_str());
  } else if (!terminal_ && epoch_done) {
    std::fprintf(stderr, "%s\n", line(steps, loss, accuracy).c_str());
  }
}

double Progress::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

std::string Progress::line(std::size_t steps, double loss, double accuracy) const {
  const double left = seconds() / static_cast<double>(steps) * static_cast<double>(epochs_ * steps_per_epoch_ - steps);
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "epoch %zu of %zu: loss %.4f, training accuracy %.2f %%, %.0f s left",
                (steps + steps_per_epoch_ - 1) / steps_per_epoch_, epochs_, loss, 100 * accuracy, left);
  return text.data();
}

}  // namespace mcnc::tools
