// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "report/histogram.h"

#include <algorithm>
#include <cmath>

namespace mcnc::tools {
namespace {

constexpr std::uint64_t kSample = std::uint64_t{1} << 16;

}  // namespace

// An odd stride goes through all columns of a matrix whose width is a power of two.
Distribution::Distribution(std::uint64_t count) : stride_(count / kSample | 1) {}

void Distribution::add(double value) {
  const std::uint64_t index = seen_++;
  if (!std::isfinite(value)) {
    ++not_finite_;
    return;
  }
  const std::uint64_t finite = seen_ - not_finite_;
  least_ = finite == 1 ? value : std::min(least_, value);
  most_ = finite == 1 ? value : std::max(most_, value);
  // Welford's: no sum of squares that loses the deviation of numbers far from 0.
  const double difference = value - mean_;
  mean_ += difference / static_cast<double>(finite);
  squares_ += difference * (value - mean_);
  if (index % stride_ == 0) sample_.push_back(static_cast<float>(value));
}

double Distribution::mean() const noexcept { return mean_; }

double Distribution::deviation() const noexcept {
  const std::uint64_t finite = seen_ - not_finite_;
  return finite == 0 ? 0 : std::sqrt(squares_ / static_cast<double>(finite));
}

std::array<std::uint64_t, Distribution::kBars> Distribution::bars() const {
  std::array<std::uint64_t, kBars> bars = {};
  const double width = (most_ - least_) / static_cast<double>(kBars);
  for (const float value : sample_) {
    const double place = width > 0 ? (static_cast<double>(value) - least_) / width : 0;
    ++bars[std::min(kBars - 1, static_cast<std::size_t>(std::max(0.0, place)))];
  }
  return bars;
}

}  // namespace mcnc::tools
