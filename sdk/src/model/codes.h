// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Segments to codes.
#ifndef MCNC_MODEL_CODES_H_
#define MCNC_MODEL_CODES_H_

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
  // alpha, beta: the decoded segments; beta empty where there is none. Sizes as the manifest's rules demand. Refuses
  // numbers out of range (rules codes.beta, codes.alpha).
  static Result<LoadedCodes> load(const Codes& codes, const Generator& generator, std::vector<std::byte> alpha,
                                  std::vector<std::byte> beta);

  // alpha of code `index`, widened: (code_dim). Integer arithmetic.
  void alpha(std::uint64_t index, std::span<std::int32_t> out) const noexcept;
  // The same, scaled, for float32 arithmetic.
  void alpha(std::uint64_t index, std::span<float> out) const noexcept;
  // Codes first, first + step, ...: number i of the r-th of `count` to out[r * stride + i]. T: int8_t (int8 codes) or
  // int16_t, for integer arithmetic, or float, for float32 arithmetic.
  template <typename T>
  void alphas(std::uint64_t first, std::uint64_t step, std::size_t count, T* out, std::size_t stride) const noexcept;
  // beta of code `index`, scaled.
  float beta(std::uint64_t index) const noexcept;

  // What an accelerator copies as it is: alpha of all codes, (code_dim, count), int8 or int16 as in the file, for
  // integer arithmetic, or float32, scaled, for float32 arithmetic; and beta, (count), or (1) for all.
  std::uint64_t count() const noexcept { return count_; }
  AlphaType alpha_type() const noexcept { return alpha_type_; }
  std::span<const std::byte> all_alphas() const noexcept { return alpha_; }
  std::span<const float> all_float_alphas() const noexcept { return float_alpha_; }
  std::span<const float> betas() const noexcept { return beta_; }

 private:
  LoadedCodes() = default;

  std::int32_t whole(std::size_t at) const noexcept;

  AlphaType alpha_type_ = AlphaType::kInt8;
  std::uint64_t count_ = 0;
  std::size_t code_dim_ = 0;
  std::vector<std::byte> alpha_;    // (code_dim, count), as in the file: int8 or int16
  std::vector<float> float_alpha_;  // (code_dim, count), scaled: float32 arithmetic
  std::vector<float> beta_;         // (count), or (1) for all
};

}  // namespace mcnc

#endif  // MCNC_MODEL_CODES_H_
