// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// How the library computes: on whose threads, with which instructions, and when it stops. The decoder, the writer and
// the encoder take the same structure. Nothing in it changes a bit of what they compute.
#ifndef MCNC_EXECUTION_H_
#define MCNC_EXECUTION_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "mcnc/parallel.h"
#include "mcnc/status.h"

namespace mcnc {

// How far one call has come. The unit is a byte of decoded tensors, for the writer also of decoded segments, and for
// the encoder a chunk. Both numbers are those of the call that reports: they start anew with the next.
struct Progress {
  std::uint64_t done = 0;   // never decreases during a call; equals `total` at the end of one that succeeds
  std::uint64_t total = 0;  // constant during a call
};

// Passed by value and copied freely; what it points to belongs to the caller and must outlive the object that was
// created with it. create() and the writing functions return kArgument where it cannot be carried out: `threads` out of
// range, or a target that this processor does not have.
struct Execution {
  // Threads of the library's own, the calling one included: 1 to 1024. Ignored where there is a runner.
  unsigned threads = 1;
  // The caller's threads instead; nullptr: none.
  ParallelRunner* runner = nullptr;
  // Instruction set, one of supported_targets(); "": default_target(). Looked up when the object is created, not kept.
  std::string_view target = {};
  // Read before each piece of work, on any thread; once it is true the call returns kCancelled. nullptr: never.
  const std::atomic<bool>* cancel = nullptr;
  // Called on the thread of the call, before each piece of work and at the end of the last: every MiB or so while a
  // file is written, every window of a tensor while its digest is compared or it goes to a sink, else at the start and
  // the end. An error ends the call, which returns it. Empty: not called. An exception ends the call with kInternal.
  std::function<Status(const Progress&)> progress = {};
};

// Names of the instruction sets that this processor can compute with, the best first; the last is "scalar". Static
// storage. Thread-safe.
std::vector<std::string_view> supported_targets();

// The one that is used where Execution::target is empty: what the environment variable MCNC_TARGET names at the first
// use in the process, if this processor has it, else the best. Static storage. Thread-safe.
std::string_view default_target() noexcept;

}  // namespace mcnc

#endif  // MCNC_EXECUTION_H_
