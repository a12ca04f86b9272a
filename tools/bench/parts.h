// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_BENCH_PARTS_H_
#define MCNC_TOOLS_BENCH_PARTS_H_

#include <cstddef>

#include "mcnc/parallel.h"

namespace mcnc::tools {

// work(first, count) for one part of [0, size) a thread: long parts, which memcpy is fastest with.
template <typename Work>
void each_part(std::size_t size, ParallelRunner& threads, const Work& work) {
  const std::size_t parts = threads.threads();
  threads.run(parts, [&](std::size_t part) {
    const std::size_t first = size / parts * part;
    work(first, (part + 1 == parts ? size : size / parts * (part + 1)) - first);
  });
}

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_BENCH_PARTS_H_
