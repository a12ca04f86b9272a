// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/adam.h"

#include <cmath>

namespace mcnc {
namespace {

constexpr float kMeanDecay = 0.9F;
constexpr float kSquareDecay = 0.999F;
constexpr float kEpsilon = 1e-8F;

}  // namespace

void Adam::step(std::span<float> values, std::span<const float> gradient, double rate) noexcept {
  mean_weight_ *= kMeanDecay;
  square_weight_ *= kSquareDecay;
  const auto scaled_rate = static_cast<float>(rate / (1 - mean_weight_));
  const auto square_scale = static_cast<float>(1 / (1 - square_weight_));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float g = gradient[i];
    mean_[i] += (1 - kMeanDecay) * (g - mean_[i]);
    square_[i] += (1 - kSquareDecay) * (g * g - square_[i]);
    values[i] -= scaled_rate * mean_[i] / (std::sqrt(square_[i] * square_scale) + kEpsilon);
  }
}

}  // namespace mcnc
