// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The kernels of kernels/kernels.h on their own: each case is KERNEL/SHAPE/TARGET, on one thread.
#ifndef MCNC_BENCH_CASES_H_
#define MCNC_BENCH_CASES_H_

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>

#include "kernels/kernels.h"
#include "mcnc/fp_environment.h"
#include "util/aligned_vector.h"

namespace mcnc {

inline constexpr std::size_t kRows = 64;  // chunks that a layer is computed for at a time

struct LayerShape {
  std::uint32_t n_in;
  std::uint32_t width;

  std::string name() const { return std::to_string(n_in) + "x" + std::to_string(width); }
  // For kRows rows.
  double multiply_adds() const { return static_cast<double>(kRows) * n_in * width; }
};
// The paper's generator.
inline constexpr LayerShape kPaperLayers[] = {{9, 1000}, {1000, 1000}, {1000, 5000}};

// In -1 to 1.
inline AlignedVector<float> random_numbers(std::size_t n) {
  std::mt19937 random(1);
  AlignedVector<float> numbers(n);
  for (float& number : numbers) number = static_cast<float>(random()) * 0x1p-31F - 1;
  return numbers;
}

// A case that does `run` over and over and counts `amount` of `unit` each time.
inline void add_case(const std::string& name, const std::string& unit, double amount, std::function<void()> run) {
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    const FpEnvironment environment;
    for (auto _ : state) {
      run();
      benchmark::ClobberMemory();
    }
    state.counters[unit] = benchmark::Counter(amount, benchmark::Counter::kIsIterationInvariantRate);
  });
}

void add_integer_cases(const Kernels& kernels);
void add_float_cases(const Kernels& kernels);
void add_draw_cases(const Kernels& kernels);
void add_convert_cases(const Kernels& kernels);
// Leaves of tensor digests, by the kernel where it is faster than one after the other.
void add_sha256_cases(const Kernels& kernels);
// The products of kPaperLayers by OpenBLAS.
void add_sgemm_cases();

}  // namespace mcnc

#endif  // MCNC_BENCH_CASES_H_
