// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The fingerprint of a generator (spec section "fingerprint"): SHA-256 of its outputs for four probe codes that follow
// from its seed. It tells a decoder that makes another generator of the seed before any weight is wrong.
#ifndef MCNC_MODEL_FINGERPRINT_H_
#define MCNC_MODEL_FINGERPRINT_H_

#include <cstdint>

#include "arithmetic/philox.h"
#include "mcnc/parallel.h"
#include "mcnc/status.h"
#include "model/expanded.h"
#include "model/generator.h"

namespace mcnc {

inline constexpr std::uint32_t kProbes = 4;

// The codes that a fingerprint is made with: number i of the code of probe t. For float32 arithmetic times 2^-6.
class Probes {
 public:
  Probes(std::uint64_t seed, std::uint64_t code_dim) noexcept : stream_(seed, Domain::kProbe, 0), code_dim_(code_dim) {}
  std::int32_t operator()(std::uint32_t t, std::uint64_t i) const noexcept {
    return stream_.odd_int8(t * code_dim_ + i);
  }

 private:
  RandomStream stream_;
  std::uint64_t code_dim_;
};

// Both are made on the threads of `runner`, whose errors they return. The floating-point environment must be
// FpEnvironment's.
// Of integer arithmetic, by the scalar kernels: only they have outputs that no float32 can hold.
Result<Digest> fingerprint(const ExpandedGenerator& generator, std::uint64_t seed, ParallelRunner& runner);
// Of float32 arithmetic, by the kernels that it was packed for.
Result<Digest> fingerprint(const PackedFloat& generator, std::uint64_t seed, ParallelRunner& runner);

}  // namespace mcnc

#endif  // MCNC_MODEL_FINGERPRINT_H_
