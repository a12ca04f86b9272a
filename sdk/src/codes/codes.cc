// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "codes/codes.h"

#include <cmath>
#include <string>
#include <utility>

#include "base/little_endian.h"
#include "base/power_of_two.h"
#include "manifest/validate.h"
#include "tensors/convert.h"

namespace mcnc {
namespace {

constexpr DType dtype_of(BetaType type) {
  switch (type) {
    case BetaType::kF16: return DType::kF16;
    case BetaType::kBf16: return DType::kBf16;
    case BetaType::kF32: break;
  }
  return DType::kF32;
}

}  // namespace

Result<LoadedCodes> LoadedCodes::load(const Codes& codes, std::uint32_t code_dim, std::vector<std::byte> alpha,
                                      std::vector<std::byte> beta) {
  LoadedCodes loaded;
  loaded.alpha_type_ = codes.alpha_type;
  loaded.count_ = codes.chunks * codes.codes_per_chunk;
  loaded.alpha_ = std::move(alpha);
  if (loaded.alpha_.size() != loaded.count_ * code_dim * size_of(codes.alpha_type)) {
    return Status(Code::kManifest, "segment.size", "an alpha segment does not fit its codes");
  }
  if (codes.beta_segment) {
    loaded.beta_.resize(static_cast<std::size_t>(loaded.count_));
    widen(beta, dtype_of(codes.beta_type), loaded.beta_);
  } else {
    loaded.beta_.assign(1, codes.beta);
  }
  const float scale = power_of_two(codes.beta_exponent);
  for (std::size_t i = 0; i < loaded.beta_.size(); ++i) {
    loaded.beta_[i] *= scale;
    if (!(std::fabs(loaded.beta_[i]) <= kMaxBeta)) {
      return Status(Code::kValue, "codes.beta",
                    "beta " + std::to_string(i) + " is not finite or larger than 2^64 in magnitude");
    }
  }
  return loaded;
}

void LoadedCodes::alpha(std::uint64_t index, std::span<std::int32_t> out) const noexcept {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t at = static_cast<std::size_t>(i * count_ + index);
    out[i] = alpha_type_ == AlphaType::kInt8
                 ? static_cast<std::int8_t>(alpha_[at])
                 : static_cast<std::int16_t>(load_le<std::uint16_t>(alpha_.data() + 2 * at));
  }
}

float LoadedCodes::beta(std::uint64_t index) const noexcept {
  return beta_.size() == 1 ? beta_.front() : beta_[static_cast<std::size_t>(index)];
}

}  // namespace mcnc
