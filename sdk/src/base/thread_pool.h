// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A fixed set of threads that run numbered pieces of work. Results must not depend on which thread runs which piece.
#ifndef MCNC_BASE_THREAD_POOL_H_
#define MCNC_BASE_THREAD_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mcnc {

class ThreadPool {
 public:
  // `threads` in all, the caller of run() included; at least 1.
  explicit ThreadPool(std::size_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Runs work(0) ... work(pieces - 1), returns when all are done. Not reentrant. `work` must not throw.
  void run(std::size_t pieces, const std::function<void(std::size_t)>& work);

 private:
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

}  // namespace mcnc

#endif  // MCNC_BASE_THREAD_POOL_H_
