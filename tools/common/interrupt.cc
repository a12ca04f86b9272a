// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/interrupt.h"

#include <array>
#include <csignal>

namespace mcnc::tools {
namespace {

constexpr std::array kSignals = {SIGHUP, SIGINT, SIGTERM};

volatile std::sig_atomic_t noted = 0;

extern "C" void note(int signal) { noted = signal; }

}  // namespace

void hold_interrupts() noexcept {
  for (const int signal : kSignals) {
    // What the parent told us to ignore (nohup) stays ignored.
    if (std::signal(signal, note) == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

Status check_interrupt() {
  if (noted == 0) return {};
  return {Code::kCancelled, "", "interrupted"};
}

void release_interrupts() noexcept {
  if (noted == 0) return;
  std::signal(noted, SIG_DFL);
  std::raise(noted);
}

}  // namespace mcnc::tools
