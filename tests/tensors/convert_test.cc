// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "tensors/convert.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
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

}  // namespace
}  // namespace mcnc
