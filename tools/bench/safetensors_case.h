// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_BENCH_SAFETENSORS_CASE_H_
#define MCNC_TOOLS_BENCH_SAFETENSORS_CASE_H_

#include <cstddef>
#include <span>

#include "bench/case.h"
#include "mcnc/parallel.h"
#include "mcnc/safetensors.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// A temporary file with one tensor of these weights, whose pages the system keeps in memory: it has just written them.
// kWrite.
Result<SafetensorsReader> write_safetensors(std::span<const std::byte> weights);

// Reads it to the start of `out`. What the case is given must outlive it.
Case safetensors_case(SafetensorsReader& file, std::span<std::byte> out, ParallelRunner& threads);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_BENCH_SAFETENSORS_CASE_H_
