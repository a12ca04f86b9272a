// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Segments to codes.
#ifndef MCNC_CODES_CODES_H_
#define MCNC_CODES_CODES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

// The codes of one Codes table, in memory; count = chunks * codes_per_chunk.
class LoadedCodes {
 public:
  // alpha, beta: the decoded segments; beta empty where there is none. Sizes as the manifest's rules demand. Refuses a
  // beta out of range (rule codes.beta).
  static Result<LoadedCodes> load(const Codes& codes, std::uint32_t code_dim, std::vector<std::byte> alpha,
                                  std::vector<std::byte> beta);

  // alpha of code `index`, widened: (code_dim).
  void alpha(std::uint64_t index, std::span<std::int32_t> out) const noexcept;
  // beta of code `index`, scaled.
  float beta(std::uint64_t index) const noexcept;

 private:
  LoadedCodes() = default;

  AlphaType alpha_type_ = AlphaType::kInt8;
  std::uint64_t count_ = 0;
  std::vector<std::byte> alpha_;  // (code_dim, count), as in the file
  std::vector<float> beta_;       // (count), or (1) for all
};

}  // namespace mcnc

#endif  // MCNC_CODES_CODES_H_
