// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A fixed set of threads that run numbered pieces of work: a ParallelRunner for whoever has none of their own, or wants
// several decoders, writers or encoders to share one. Results must not depend on which thread runs which piece.
#ifndef MCNC_THREAD_POOL_H_
#define MCNC_THREAD_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "mcnc/parallel.h"

namespace mcnc {

class ThreadPool final : public ParallelRunner {
 public:
  // `threads` in all, the caller of run() included; at least 1. Throws std::bad_alloc or std::system_error where the
  // system does not give that many.
  explicit ThreadPool(std::size_t threads);
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t threads() const noexcept override { return threads_.size() + 1; }
  // One call at a time, and none from within `work`, which must not throw.
  void run(std::size_t pieces, const std::function<void(std::size_t)>& work) noexcept override;

 private:
  void stop();
  void serve();
  void take_pieces(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  const std::function<void(std::size_t)>* work_ = nullptr;
  std::size_t next_ = 0;
  std::size_t pieces_ = 0;
  std::size_t running_ = 0;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

// As runner.run, for work that may throw: after all pieces have returned, what one of them threw is thrown again.
void run_throwing(ParallelRunner& runner, std::size_t pieces, const std::function<void(std::size_t)>& work);

}  // namespace mcnc

#endif  // MCNC_THREAD_POOL_H_
