// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/thread_pool.h"

#include <exception>

namespace mcnc {

ThreadPool::ThreadPool(std::size_t threads) {
  try {
    for (std::size_t i = 1; i < threads; ++i) threads_.emplace_back([this] { serve(); });
  } catch (...) {
    stop();
    throw;
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void ThreadPool::run(std::size_t pieces, const std::function<void(std::size_t)>& work) noexcept {
  std::unique_lock lock(mutex_);
  work_ = &work;
  next_ = 0;
  pieces_ = pieces;
  wake_.notify_all();
  take_pieces(lock);
  done_.wait(lock, [this] { return running_ == 0; });
  work_ = nullptr;
}

void ThreadPool::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stop_ || next_ < pieces_; });
    if (stop_) return;
    take_pieces(lock);
    if (running_ == 0) done_.notify_all();
  }
}

void ThreadPool::take_pieces(std::unique_lock<std::mutex>& lock) {
  while (next_ < pieces_) {
    const std::size_t piece = next_++;
    const std::function<void(std::size_t)>& work = *work_;
    ++running_;
    lock.unlock();
    work(piece);
    lock.lock();
    --running_;
  }
}

void run_throwing(ParallelRunner& runner, std::size_t pieces, const std::function<void(std::size_t)>& work) {
  std::mutex mutex;
  std::exception_ptr thrown;
  runner.run(pieces, [&](std::size_t piece) {
    try {
      work(piece);
    } catch (...) {
      const std::lock_guard lock(mutex);
      thrown = std::current_exception();
    }
  });
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace mcnc
