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

Result<LoadedCodes> LoadedCodes::load(const Codes& codes, const Generator& generator, std::vector<std::byte> alpha,
                                      std::vector<std::byte> beta) {
  LoadedCodes loaded;
  loaded.alpha_type_ = codes.alpha_type;
  loaded.count_ = codes.chunks * codes.codes_per_chunk;
  loaded.alpha_ = std::move(alpha);
  if (loaded.alpha_.size() != loaded.count_ * generator.code_dim * size_of(codes.alpha_type)) {
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
    if (!(std::fabs(loaded.beta_[i]) <= max_beta(generator.arithmetic))) {
      return Status(Code::kValue, "codes.beta", "beta " + std::to_string(i) + " is not finite or too large");
    }
  }
  if (generator.arithmetic == Arithmetic::kInteger) return loaded;

  loaded.float_alpha_.resize(static_cast<std::size_t>(loaded.count_ * generator.code_dim));
  if (codes.alpha_type == AlphaType::kInt8 || codes.alpha_type == AlphaType::kInt16) {
    for (std::size_t i = 0; i < loaded.float_alpha_.size(); ++i) {
      loaded.float_alpha_[i] = static_cast<float>(loaded.whole(i));
    }
  } else {
    widen(loaded.alpha_, dtype_of(codes.alpha_type), loaded.float_alpha_);
  }
  for (std::size_t i = 0; i < loaded.float_alpha_.size(); ++i) {
    loaded.float_alpha_[i] *= codes.alpha_scale;
    if (!(std::fabs(loaded.float_alpha_[i]) <= kMaxFloat)) {
      return Status(Code::kValue, "codes.alpha", "alpha number " + std::to_string(i) + " is not finite or too large");
    }
  }
  return loaded;
}

std::int32_t LoadedCodes::whole(std::size_t at) const noexcept {
  return alpha_type_ == AlphaType::kInt8 ? static_cast<std::int8_t>(alpha_[at])
                                         : static_cast<std::int16_t>(load_le<std::uint16_t>(alpha_.data() + 2 * at));
}

void LoadedCodes::alpha(std::uint64_t index, std::span<std::int32_t> out) const noexcept {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = whole(static_cast<std::size_t>(i * count_ + index));
  }
}

void LoadedCodes::alpha(std::uint64_t index, std::span<float> out) const noexcept {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = float_alpha_[static_cast<std::size_t>(i * count_ + index)];
  }
}

float LoadedCodes::beta(std::uint64_t index) const noexcept {
  return beta_.size() == 1 ? beta_.front() : beta_[static_cast<std::size_t>(index)];
}

}  // namespace mcnc
