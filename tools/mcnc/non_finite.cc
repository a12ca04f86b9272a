// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "non_finite.h"

#include "mcnc/little_endian.h"
#include "mcnc/units.h"

namespace mcnc::tools {
namespace {

// exponent: the bits that NaN and infinities have set.
template <typename Bits>
std::uint64_t count(std::span<const std::byte> bytes, Bits exponent) noexcept {
  std::uint64_t found = 0;
  for (std::size_t i = 0; i + sizeof(Bits) <= bytes.size(); i += sizeof(Bits)) {
    found += (load_le<Bits>(bytes.data() + i) & exponent) == exponent ? 1 : 0;
  }
  return found;
}

}  // namespace

std::uint64_t count_non_finite(std::span<const std::byte> bytes, DType dtype) noexcept {
  if (dtype == DType::kF32) return count(bytes, std::uint32_t{0x7f800000});
  if (dtype == DType::kF16) return count(bytes, std::uint16_t{0x7c00});
  if (dtype == DType::kBf16) return count(bytes, std::uint16_t{0x7f80});
  if (dtype == DType::kF64) return count(bytes, std::uint64_t{0x7ff0000000000000});
  return 0;
}

void NonFinite::add(const std::string& tensor, DType dtype, std::uint64_t count) {
  if (count == 0) return;
  if (tensors_ == 0) {
    first_ = tensor;
    first_dtype_ = dtype;
    in_first_ = count;
  }
  total_ += count;
  ++tensors_;
}

Status NonFinite::status(std::string_view whose) const {
  if (tensors_ == 0) return {};
  std::string text = std::string(whose) + "tensor " + first_ + " has " + counted(in_first_, "number") + " that " +
                     (in_first_ == 1 ? "is" : "are") + " NaN or infinite";
  if (first_dtype_ == DType::kF16) text += " (the largest number of F16 is 65504)";
  if (tensors_ > 1) text += "; " + counted(tensors_, "tensor") + " have " + grouped(total_) + " together";
  return {ErrorCode::kValue, "", text + "; --allow-non-finite lets them pass"};
}

}  // namespace mcnc::tools
