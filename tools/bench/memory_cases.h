// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What weights cost that need no decoding.
#ifndef MCNC_TOOLS_BENCH_MEMORY_CASES_H_
#define MCNC_TOOLS_BENCH_MEMORY_CASES_H_

#include <cstddef>
#include <span>

#include "bench/case.h"
#include "mcnc/parallel.h"

namespace mcnc::tools {

// Each thread copies, or sets, one part of `out`. `in` is as long.
Case memcpy_case(std::span<const std::byte> in, std::span<std::byte> out, ParallelRunner& threads);
Case memset_case(std::span<std::byte> out, ParallelRunner& threads);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_BENCH_MEMORY_CASES_H_
