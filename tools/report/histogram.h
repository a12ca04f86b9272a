// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_REPORT_HISTOGRAM_H_
#define MCNC_TOOLS_REPORT_HISTOGRAM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcnc::tools {

// How numbers are distributed that come one after the other, of which there may be billions: mean, deviation and
// extremes are those of all of them, the bars those of a sample, every n-th.
class Distribution {
 public:
  // count: how many will come.
  explicit Distribution(std::uint64_t count);

  void add(double value);

  std::uint64_t count() const noexcept { return seen_; }
  std::uint64_t not_finite() const noexcept { return not_finite_; }
  // Of the finite numbers; 0 where there are none.
  double least() const noexcept { return least_; }
  double most() const noexcept { return most_; }
  double mean() const noexcept;
  double deviation() const noexcept;

  static constexpr std::size_t kBars = 64;
  // How many of the sample are in each of equal parts of [least, most].
  std::array<std::uint64_t, kBars> bars() const;

 private:
  std::uint64_t stride_;
  std::uint64_t seen_ = 0;
  std::uint64_t not_finite_ = 0;
  double least_ = 0;
  double most_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // of differences from the mean
  std::vector<float> sample_;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_REPORT_HISTOGRAM_H_
