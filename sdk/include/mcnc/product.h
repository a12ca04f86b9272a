// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Products of two factors, as adapters have them, added to weights that the caller has: the sums of the format (spec
// section "products"), by the kernels that decode them.
#ifndef MCNC_PRODUCT_H_
#define MCNC_PRODUCT_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "mcnc/status.h"

namespace mcnc {

// scale * B * A, with A packed for the processor. One thread at a time may use it.
class ScaledProduct {
 public:
  // b: (rows, rank); a: (rank, columns); both row-major. kArgument where rank or columns is 0 or beyond 2^28, or a size
  // does not fit; kMemory.
  static Result<ScaledProduct> create(std::vector<float> b, std::span<const float> a, std::uint64_t rank,
                                      float scale) noexcept;
  ~ScaledProduct();
  ScaledProduct(ScaledProduct&&) noexcept;
  ScaledProduct& operator=(ScaledProduct&&) noexcept;

  // Adds elements [first, first + w.size()) of (rows, columns) to w: each sum over the rank is one chain of fused
  // multiply-adds from 0, then it is multiplied by the scale, then added, each rounded to float32. kArgument where
  // there are not as many elements, or where this was moved from; kMemory.
  Status add(std::uint64_t first, std::span<float> w) const noexcept;

 private:
  struct State;
  explicit ScaledProduct(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace mcnc

#endif  // MCNC_PRODUCT_H_
