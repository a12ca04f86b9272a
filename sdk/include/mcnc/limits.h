// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// How much a caller lets files cost. A seed format is an amplifier by design: 200 bytes can ask for 10^15 weights.
// What decoding costs is declared in the manifest, checked against the rest of it (rule budget.exact) and compared with
// these limits before anything is allocated.
#ifndef MCNC_LIMITS_H_
#define MCNC_LIMITS_H_

#include <cstdint>

#include "mcnc/status.h"

namespace mcnc {

// What decoding a whole file takes (spec section "budget").
struct Cost {
  std::uint64_t output_bytes = 0;   // of all tensors
  std::uint64_t multiply_adds = 0;  // of all generator layers over all codes
  std::uint64_t scratch_bytes = 0;  // held beside the output, one tensor at a time

  friend bool operator==(const Cost&, const Cost&) = default;
};

// The most that may be spent. The defaults suit a workstation: 256 GiB of weights, 10^15 multiply-adds, 4 GiB held
// beside the output.
struct Limits {
  std::uint64_t output_bytes = std::uint64_t{1} << 38;
  std::uint64_t multiply_adds = 1'000'000'000'000'000;
  std::uint64_t scratch_bytes = std::uint64_t{1} << 32;
};

// What is left of the limits. One Allowance handed to several Reader::open calls makes the limits cumulative. Not
// thread-safe.
class Allowance {
 public:
  explicit Allowance(const Limits& limits = {}) noexcept : left_(limits) {}

  // Takes `cost` off; on kLimit (rules limit.output, limit.multiply_adds, limit.scratch) takes nothing.
  Status spend(const Cost& cost);
  const Limits& left() const noexcept { return left_; }

 private:
  Limits left_;
};

}  // namespace mcnc

#endif  // MCNC_LIMITS_H_
