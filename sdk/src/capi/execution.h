// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// How a decoder or an encoder computes, as the caller says it in C.
#ifndef MCNC_CAPI_EXECUTION_H_
#define MCNC_CAPI_EXECUTION_H_

#include <sys/types.h>

#include <atomic>
#include <memory>

#include "capi/call.h"
#include "mcnc/execution.h"

namespace mcnc::capi {

// What an Execution points to; it must stay where it is while that is used.
struct ExecutionState {
  // Fills `execution`, which points into this. kArgument where a member cannot be.
  Status set(const mcnc_execution* from, Execution& execution);
  // Whether this is a child of the process that has the library's threads or a device: they cannot be used here.
  bool is_forked() const noexcept;

  mcnc_execution options{};
  std::atomic<bool> cancel{false};
  std::unique_ptr<ParallelRunner> runner;
  pid_t owner = 0;  // of the library's own threads, or of a device; 0: there is neither
};

}  // namespace mcnc::capi

#endif  // MCNC_CAPI_EXECUTION_H_
