// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "arithmetic/half.h"
#include "kernels/guarded.h"
#include "kernels/kernels.h"
#include "mcnc/convert.h"
#include "mcnc/manifest.h"

namespace mcnc {
namespace {

constexpr FloatType kTypes[] = {FloatType::kF32, FloatType::kF16, FloatType::kBf16};

DType dtype_of(FloatType type) {
  return type == FloatType::kF32 ? DType::kF32 : type == FloatType::kF16 ? DType::kF16 : DType::kBf16;
}

// Both signs of zeros, subnormals, infinity, what rounds to it, halves between elements and their neighbours, and a
// sample of all bits.
std::vector<float> values() {
  std::vector<float> result;
  const auto add = [&result](std::uint32_t bits) {
    for (const std::uint32_t sign : {0U, 0x80000000U}) result.push_back(std::bit_cast<float>(bits | sign));
  };
  const auto add_around = [&add](std::uint32_t bits) {
    for (std::uint32_t near = bits < 2 ? 0 : bits - 2; near <= bits + 2; ++near) add(near);
  };
  for (std::uint32_t half = 0; half <= 0x7C00; ++half) {
    const auto bits = std::bit_cast<std::uint32_t>(f32_from_f16(static_cast<std::uint16_t>(half)));
    if (half % 7 == 0 || half < 64 || half > 0x7BF0) add_around(bits);
    if (half == 0x7C00) break;
    const auto next = std::bit_cast<std::uint32_t>(f32_from_f16(static_cast<std::uint16_t>(half + 1)));
    add_around(std::bit_cast<std::uint32_t>((std::bit_cast<float>(bits) + std::bit_cast<float>(next)) / 2));
  }
  add_around(std::bit_cast<std::uint32_t>(65520.0F));  // the middle of the largest half and 2^16
  for (std::uint32_t bits = 0; bits <= 0x7F810000U; bits += 0x8000U) add_around(bits);
  for (std::uint64_t bits = 0; bits <= 0xFFFFFFFFU; bits += 40009) add(static_cast<std::uint32_t>(bits));
  return result;
}

class ConvertKernels : public testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& kernels_ = *GetParam();

  void compare_narrow(std::span<const float> values, FloatType type, bool streaming, std::size_t offset) {
    const std::size_t size = values.size() * size_of(dtype_of(type));
    std::vector<std::byte> expected(size);
    narrow(values, dtype_of(type), expected);
    Guarded<std::byte> out(size, offset);
    kernels_.narrow(values.data(), values.size(), type, streaming, out.data());
    out.expect_intact();
    out.expect_equal(expected);
  }

  void compare_widen(std::span<const std::byte> bytes, FloatType type, std::size_t offset) {
    const std::size_t n = bytes.size() / size_of(dtype_of(type));
    std::vector<float> expected(n);
    widen(bytes, dtype_of(type), expected);
    Guarded<std::byte> in(bytes.size(), offset);
    std::ranges::copy(bytes, in.data());
    Guarded<float> out(n, offset / 4 * 4);
    kernels_.widen(in.data(), n, type, out.data());
    out.expect_intact();
    out.expect_equal(expected);
  }
};

TEST_P(ConvertKernels, NarrowEveryKindOfValue) {
  const std::vector<float> all = values();
  for (const FloatType type : kTypes) compare_narrow(all, type, false, 0);
}

TEST_P(ConvertKernels, NarrowAnySizeAndAlignment) {
  const std::vector<float> all = values();
  for (std::size_t n = 0; n <= 150; ++n) {
    for (std::size_t offset = 0; offset < 64; offset += n % 4 == 0 ? 1 : 7) {
      const std::span<const float> some = std::span(all).subspan(n * 64 + offset, n);
      for (const FloatType type : kTypes) {
        compare_narrow(some, type, false, offset);
        compare_narrow(some, type, true, offset);
      }
    }
  }
  for (const FloatType type : kTypes) compare_narrow(std::span(all).first(5001), type, true, 6);
}

TEST_P(ConvertKernels, WidenEveryElement) {
  std::vector<std::byte> all;
  for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    all.push_back(static_cast<std::byte>(bits & 0xFFU));
    all.push_back(static_cast<std::byte>(bits >> 8));
  }
  for (const FloatType type : kTypes) {
    compare_widen(all, type, 0);
    for (std::size_t n = 0; n <= 150; ++n) {
      compare_widen(std::span(all).subspan(1234 + 400 * n, n * size_of(dtype_of(type))), type, n);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, ConvertKernels, testing::ValuesIn(supported_kernels()),
                         [](const auto& target) { return std::string(target.param->name); });

}  // namespace
}  // namespace mcnc
