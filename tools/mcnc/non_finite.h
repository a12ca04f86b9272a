// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// NaN and infinities among weights: found, counted and named, so that none goes from file to file unseen.
#ifndef MCNC_TOOLS_MCNC_NON_FINITE_H_
#define MCNC_TOOLS_MCNC_NON_FINITE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// How many of these little-endian elements are NaN or infinite: F32, F16, BF16 or F64; 0 for every other type.
std::uint64_t count_non_finite(std::span<const std::byte> bytes, DType dtype) noexcept;

// What was found, tensor by tensor.
class NonFinite {
 public:
  void add(const std::string& tensor, DType dtype, std::uint64_t count);
  // Ok where nothing was found; else kValue, which says where and how many, and that --allow-non-finite lets them
  // pass. `whose`: of what the tensors are, such as "merged, ".
  Status status(std::string_view whose) const;

 private:
  std::string first_;  // tensor
  DType first_dtype_ = DType::kF32;
  std::uint64_t in_first_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t tensors_ = 0;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_NON_FINITE_H_
