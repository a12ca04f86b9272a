// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/dot_peak.h"

#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mcnc::tools {
namespace {

constexpr std::uint64_t kRounds = 1'000'000;
constexpr int kSums = 16;  // more than latency times instructions a cycle: none waits for the one before

#if defined(__x86_64__)
constexpr std::uint64_t kMultiplyAdds = 64;  // of one instruction

__attribute__((target("avx512f,avx512bw,avx512vnni"))) void run_dots() {
  const __m512i factor = _mm512_set1_epi8(1);
  __m512i sums[kSums];
#pragma GCC unroll 16
  for (__m512i& sum : sums) sum = _mm512_setzero_si512();
  for (std::uint64_t i = 0; i < kRounds; ++i) {
#pragma GCC unroll 16
    for (__m512i& sum : sums) {
      sum = _mm512_dpbusd_epi32(sum, factor, factor);
      __asm__ volatile("" : "+v"(sum));  // each of them is wanted
    }
  }
}
#else
constexpr std::uint64_t kMultiplyAdds = 0;
void run_dots() {}
#endif

}  // namespace

bool has_dot_peak(std::string_view target) { return target == "AVX3_VNNI"; }

double measure_dot_peak(ParallelRunner& threads) {
  const auto start = std::chrono::steady_clock::now();
  threads.run(threads.threads(), [](std::size_t) { run_dots(); });
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return static_cast<double>(kRounds * kSums * kMultiplyAdds * threads.threads()) / seconds.count();
}

}  // namespace mcnc::tools
