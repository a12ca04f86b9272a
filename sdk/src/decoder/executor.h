// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// An Execution that is carried out: its threads, its kernels, and how far the call has come.
#ifndef MCNC_DECODER_EXECUTOR_H_
#define MCNC_DECODER_EXECUTOR_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "kernels/kernels.h"
#include "mcnc/execution.h"
#include "mcnc/parallel.h"
#include "mcnc/status.h"
#include "mcnc/thread_pool.h"

namespace mcnc {

// One thread at a time may use it, but for what says otherwise.
class Executor {
 public:
  // Starts the threads. kArgument where `execution` cannot be carried out, kMemory where the system starts no more.
  static Result<std::unique_ptr<Executor>> create(const Execution& execution);

  const Kernels& kernels() const noexcept { return kernels_; }
  ParallelRunner& runner() noexcept { return execution_.runner != nullptr ? *execution_.runner : *pool_; }
  // Whether the caller wants the call to end. Any thread may ask.
  bool is_cancelled() const noexcept {
    return execution_.cancel != nullptr && execution_.cancel->load(std::memory_order_relaxed);
  }

  // A call begins, of `total` bytes in all; it consists of steps, each of which is that many of them.
  void begin(std::uint64_t total) noexcept;
  // The step before has ended, whatever was reported of it. Both return kCancelled where the caller wants that, or what
  // the caller's progress callback returns.
  Status step(std::uint64_t bytes);
  // So many more bytes of the step are done; those beyond its end are not counted.
  Status advance(std::uint64_t bytes);

 private:
  Executor(const Execution& execution, const Kernels& kernels);
  Status report() const;

  Execution execution_;
  const Kernels& kernels_;
  std::optional<ThreadPool> pool_;  // unless the runner is the caller's
  Progress progress_;
  std::uint64_t step_end_ = 0;
};

}  // namespace mcnc

#endif  // MCNC_DECODER_EXECUTOR_H_
