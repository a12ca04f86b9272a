// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "model/codes.h"

#include <cmath>
#include <string>
#include <type_traits>
#include <utility>

#include "mcnc/convert.h"
#include "mcnc/little_endian.h"
#include "mcnc/ranges.h"
#include "util/power_of_two.h"

namespace mcnc {

Result<LoadedCodes> LoadedCodes::load(const Codes& codes, const Generator& generator, std::vector<std::byte> alpha,
                                      std::vector<std::byte> beta) {
  LoadedCodes loaded;
  loaded.alpha_type_ = codes.alpha_type;
  loaded.count_ = codes.chunks * codes.codes_per_chunk;
  loaded.code_dim_ = generator.code_dim;
  loaded.alpha_ = std::move(alpha);
  if (loaded.alpha_.size() != loaded.count_ * generator.code_dim * size_of(codes.alpha_type)) {
    return Status(ErrorCode::kManifest, "segment.size", "an alpha segment does not fit its codes");
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
      return Status(ErrorCode::kValue, "codes.beta", "beta " + std::to_string(i) + " is not finite or too large");
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
      return Status(ErrorCode::kValue, "codes.alpha",
                    "alpha number " + std::to_string(i) + " is not finite or too large");
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

template <typename T>
void LoadedCodes::alphas(std::uint64_t first, std::uint64_t step, std::size_t count, T* out,
                         std::size_t stride) const noexcept {
  const auto spread = [&](const auto& number) {
    for (std::size_t i = 0; i < code_dim_; ++i) {
      const auto at = static_cast<std::size_t>(i * count_ + first);
      for (std::size_t r = 0; r < count; ++r) {
        out[r * stride + i] = static_cast<T>(number(at + r * static_cast<std::size_t>(step)));
      }
    }
  };
  if constexpr (std::is_same_v<T, float>) {
    spread([&](std::size_t at) { return float_alpha_[at]; });
  } else if (alpha_type_ == AlphaType::kInt8) {
    spread([&](std::size_t at) { return static_cast<std::int8_t>(alpha_[at]); });
  } else {
    spread([&](std::size_t at) { return whole(at); });
  }
}

template void LoadedCodes::alphas(std::uint64_t, std::uint64_t, std::size_t, std::int8_t*, std::size_t) const noexcept;
template void LoadedCodes::alphas(std::uint64_t, std::uint64_t, std::size_t, std::int16_t*, std::size_t) const noexcept;
template void LoadedCodes::alphas(std::uint64_t, std::uint64_t, std::size_t, float*, std::size_t) const noexcept;

float LoadedCodes::beta(std::uint64_t index) const noexcept {
  return beta_.size() == 1 ? beta_.front() : beta_[static_cast<std::size_t>(index)];
}

}  // namespace mcnc
