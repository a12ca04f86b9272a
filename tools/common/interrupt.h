// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Ctrl-C while a file is written: the work stops at the next piece, the unfinished file is removed, and only then the
// process ends as the signal asked.
#ifndef MCNC_TOOLS_COMMON_INTERRUPT_H_
#define MCNC_TOOLS_COMMON_INTERRUPT_H_

#include "mcnc/execution.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// From now on SIGHUP, SIGINT and SIGTERM are noted instead of ending the process. A system call that waits ends with
// EINTR then, and again every second until check_interrupt() is asked.
void hold_interrupts() noexcept;

// kCancelled where a signal has been noted. Allocates nothing.
Status check_interrupt() noexcept;

// The same, as Execution::progress.
inline Status interruptible(const Progress&) noexcept { return check_interrupt(); }

// Ends the process by the noted signal, if there is one.
void release_interrupts() noexcept;

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_INTERRUPT_H_
