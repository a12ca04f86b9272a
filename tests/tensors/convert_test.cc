// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/convert.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

namespace mcnc {
namespace {

TEST(Narrow, WidenIsTheReverse) {
  const std::vector<float> values = {0.0F, -0.0F, 1.5F, -2.25F, 0x1p-14F, 65504.0F};
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBf16}) {
    std::vector<std::byte> bytes(values.size() * size_of(dtype));
    std::vector<float> back(values.size());
    narrow(values, dtype, bytes);
    widen(bytes, dtype, back);
    for (std::size_t i = 0; i + 1 < values.size(); ++i) {
      EXPECT_EQ(std::bit_cast<std::uint32_t>(back[i]), std::bit_cast<std::uint32_t>(values[i]));
    }
  }
}

// Nothing is read as floats that is none: no type stands for the others.
TEST(FloatTypeOf, RefusesWhatIsNoFloat) {
  for (int i = 0; i <= static_cast<int>(DType::kF8E5M2); ++i) {
    const auto dtype = static_cast<DType>(i);
    std::vector<std::byte> bytes(8);
    std::vector<float> values(1);
    if (dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBf16) {
      EXPECT_EQ(size_of(float_type_of(dtype)), size_of(dtype));
      continue;
    }
    EXPECT_THROW((void)float_type_of(dtype), std::invalid_argument) << name(dtype);
    EXPECT_THROW(widen(bytes, dtype, values), std::invalid_argument) << name(dtype);
    EXPECT_THROW(narrow(values, dtype, bytes), std::invalid_argument) << name(dtype);
  }
  for (const AlphaType type :
       {AlphaType::kInt8, AlphaType::kInt16, AlphaType::kF32, AlphaType::kF16, AlphaType::kBf16}) {
    EXPECT_EQ(size_of(dtype_of(type)), size_of(type));
  }
  for (const BetaType type : {BetaType::kF32, BetaType::kF16, BetaType::kBf16}) {
    EXPECT_EQ(size_of(dtype_of(type)), size_of(type));
  }
}

}  // namespace
}  // namespace mcnc
