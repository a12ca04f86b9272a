// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_BENCH_DECODE_CASE_H_
#define MCNC_TOOLS_BENCH_DECODE_CASE_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "bench/case.h"
#include "bench/models.h"
#include "mcnc/parallel.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// Decodes the tensor of `file`, which write_bench_model made of `model`, to the start of `out`. What the case is given
// must outlive it.
Result<Case> decode_case(const BenchModel& model, std::span<const std::byte> file, std::string_view target,
                         bool digests, ParallelRunner& threads, std::span<std::byte> out);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_BENCH_DECODE_CASE_H_
