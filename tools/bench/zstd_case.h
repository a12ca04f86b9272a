// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_BENCH_ZSTD_CASE_H_
#define MCNC_TOOLS_BENCH_ZSTD_CASE_H_

#include <cstddef>
#include <span>
#include <vector>

#include "bench/case.h"
#include "mcnc/parallel.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// Raw weights as zstd keeps them: frames of 4 MiB, so that threads have some each.
class ZstdWeights {
 public:
  // kMemory.
  static Result<ZstdWeights> compress(std::span<const std::byte> weights);

  // Decompresses all of them to the start of `out`. What the case is given, and this, must outlive it.
  Case decompress_case(std::span<std::byte> out, ParallelRunner& threads) const;

 private:
  std::vector<std::vector<std::byte>> frames_;
  std::size_t size_ = 0;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_BENCH_ZSTD_CASE_H_
