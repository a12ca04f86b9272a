// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The models that `mcnc bench` decodes: one tensor each, codes at random.
#ifndef MCNC_TOOLS_BENCH_MODELS_H_
#define MCNC_TOOLS_BENCH_MODELS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// The name of the tensor.
inline constexpr char kBenchTensor[] = "weight";

// NAME-k-width-width-DTYPE: a generator from codes of k numbers; or a product of that rank.
struct BenchModel {
  std::string name;
  Generator generator;
  DType dtype = DType::kF32;
  Theta0 theta0 = {};
  std::uint32_t rank = 0;      // not 0: a product of two factors that the generator makes
  std::uint64_t slowness = 1;  // it makes this part of the bytes asked for
};

std::vector<BenchModel> bench_models();

// A file with a tensor of `bytes` or a little less, at least one row.
Result<std::vector<std::byte>> write_bench_model(const BenchModel& model, std::uint64_t bytes);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_BENCH_MODELS_H_
