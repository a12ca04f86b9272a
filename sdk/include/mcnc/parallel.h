// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Whose threads decode.
#ifndef MCNC_PARALLEL_H_
#define MCNC_PARALLEL_H_

#include <cstddef>
#include <functional>

namespace mcnc {

// The threads of a caller who has some already. The bits do not depend on it.
class ParallelRunner {
 public:
  virtual ~ParallelRunner() = default;
  // How many pieces of work run() has under way at a time; at least 1.
  virtual std::size_t threads() const noexcept = 0;
  // Calls work(0) ... work(pieces - 1), each once, in any order, on any threads, and returns when all have returned.
  // `work` does not throw.
  virtual void run(std::size_t pieces, const std::function<void(std::size_t)>& work) noexcept = 0;
};

}  // namespace mcnc

#endif  // MCNC_PARALLEL_H_
