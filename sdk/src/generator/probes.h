// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What a generator's fingerprint is made of (spec section "fingerprint"): its outputs for four codes that follow from
// its seed.
#ifndef MCNC_GENERATOR_PROBES_H_
#define MCNC_GENERATOR_PROBES_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "arithmetic/philox.h"
#include "util/little_endian.h"
#include "util/sha256.h"

namespace mcnc {

inline constexpr std::uint32_t kProbes = 4;

// alpha of probe t of integer arithmetic: (code_dim).
inline void integer_probe(std::uint64_t seed, std::uint32_t t, std::span<std::int32_t> alpha) noexcept {
  const RandomStream stream(seed, Domain::kProbe, 0);
  for (std::size_t i = 0; i < alpha.size(); ++i) alpha[i] = stream.odd_int8(std::uint64_t{t} * alpha.size() + i);
}

// The same for float32 arithmetic.
inline void float_probe(std::uint64_t seed, std::uint32_t t, std::span<float> alpha) noexcept {
  const RandomStream stream(seed, Domain::kProbe, 0);
  for (std::size_t i = 0; i < alpha.size(); ++i) {
    alpha[i] = static_cast<float>(stream.odd_int8(std::uint64_t{t} * alpha.size() + i)) * 0x1p-6F;
  }
}

// Hashes outputs in their order: output 0 of all probes, then output 1 of all probes, and so on.
class ProbeHash {
 public:
  // The next `n` outputs. bits(t, j): those of output j of them, probe t.
  template <typename Bits>
  void update(std::size_t n, const Bits& bits) {
    constexpr std::size_t kOutputs = 256;  // at a time
    std::array<std::byte, kOutputs * kProbes * sizeof(std::uint32_t)> bytes;
    for (std::size_t first = 0; first < n; first += kOutputs) {
      const std::size_t count = std::min(kOutputs, n - first);
      std::byte* at = bytes.data();
      for (std::size_t j = first; j < first + count; ++j) {
        for (std::uint32_t t = 0; t < kProbes; ++t, at += sizeof(std::uint32_t)) {
          store_le(at, static_cast<std::uint32_t>(bits(t, j)));
        }
      }
      hash_.update(std::span(bytes).first(static_cast<std::size_t>(at - bytes.data())));
    }
  }
  Digest finish() { return hash_.finish(); }

 private:
  Sha256 hash_;
};

}  // namespace mcnc

#endif  // MCNC_GENERATOR_PROBES_H_
