// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Adam (Kingma and Ba, arXiv 1412.6980).
#ifndef MCNC_ADAM_H_
#define MCNC_ADAM_H_

#include <cstddef>
#include <span>
#include <vector>

namespace mcnc {

class Adam {
 public:
  explicit Adam(std::size_t size) : mean_(size), square_(size) {}

  // values -= rate * mean / sqrt(square), the moving averages of the gradient and of its square. Sizes equal.
  void step(std::span<float> values, std::span<const float> gradient, double rate) noexcept;

 private:
  std::vector<float> mean_;
  std::vector<float> square_;
  double mean_weight_ = 1;  // what the zeros at the start still weigh
  double square_weight_ = 1;
};

}  // namespace mcnc

#endif  // MCNC_ADAM_H_
