// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace mcnc::tools {
namespace {

constexpr std::array kSignals = {SIGHUP, SIGINT, SIGTERM};

volatile sig_atomic_t noted = 0;

// No SA_RESTART: a system call that waits, such as writing to a pipe that nobody reads, ends with EINTR.
void handle(int signal, void (*handler)(int)) noexcept {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

// A call that begins to wait just after the program has looked is not ended by the signal that came between. So once a
// signal is noted, an alarm interrupts what is waiting, every second until the program looks again.
extern "C" void ring(int) { alarm(1); }

extern "C" void note(int signal) {
  const int error = errno;
  noted = signal;
  handle(SIGALRM, ring);
  alarm(1);
  errno = error;
}

}  // namespace

void hold_interrupts() noexcept {
  for (const int signal : kSignals) {
    // What the parent told us to ignore (nohup) stays ignored.
    struct sigaction before = {};
    if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) handle(signal, note);
  }
}

Status check_interrupt() noexcept {
  if (noted == 0) return {};
  return {ErrorCode::kCancelled, "", "interrupted"};
}

void release_interrupts() noexcept {
  if (noted == 0) return;
  handle(noted, SIG_DFL);
  raise(noted);
}

}  // namespace mcnc::tools
