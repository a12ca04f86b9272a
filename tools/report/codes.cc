// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "report/codes.h"

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "common/code_types.h"

namespace mcnc::tools {
namespace {

template <typename Scaled>
Distribution distribution_of(const std::vector<float>& numbers, Scaled&& scaled) {
  Distribution distribution(numbers.size());
  for (const float number : numbers) distribution.add(scaled(static_cast<double>(number)));
  return distribution;
}

}  // namespace

Result<CodesDistribution> measure_codes(const Reader& reader, const Codes& codes) {
  const Result<std::vector<std::byte>> alpha = reader.read_segment(codes.alpha_segment);
  if (!alpha.ok()) return alpha.status();
  std::vector<float> betas = {codes.beta};
  if (codes.beta_segment) {
    const Result<std::vector<std::byte>> beta = reader.read_segment(*codes.beta_segment);
    if (!beta.ok()) return beta.status();
    betas = numbers_of(*beta, codes.beta_type);
  }
  return CodesDistribution{
      distribution_of(numbers_of(*alpha, codes.alpha_type),
                      [&](double number) { return number * static_cast<double>(codes.alpha_scale); }),
      distribution_of(betas, [&](double number) { return std::ldexp(number, codes.beta_exponent); })};
}

}  // namespace mcnc::tools
