// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Where the kernels have arithmetic of their own it is what sdk/src/arithmetic defines, number by number; and the shim
// does what CUDA says of its functions.

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <utility>

#include "arithmetic/half.h"
#include "arithmetic/sine.h"
#include "arithmetic/turn_sine.h"
#include "cuda/kernels/device_sine.h"
#include "cuda/kernels/element.h"
#include "cuda/kernels/float_sums.h"
#include "cuda/kernels/matrix.h"
#include "mcnc/fp_environment.h"

namespace mcnc::cuda {
namespace {

TEST(DeviceArithmetic, SineIsTheDefinitionForEveryPhase) {
  for (std::uint32_t phase = 0; phase < 65536; ++phase) {
    ASSERT_EQ(device_sine(1, phase << 16), sine(static_cast<std::uint16_t>(phase))) << phase;
    ASSERT_EQ(device_sine(1, phase << 16 | 0xFFFF), sine(static_cast<std::uint16_t>(phase))) << phase;
  }
}

TEST(DeviceArithmetic, PhaseWraps) {
  std::mt19937 random(1);
  for (int i = 0; i < 100000; ++i) {
    const auto frequency = static_cast<std::uint32_t>(random());
    const auto acc = static_cast<std::uint32_t>(random());
    ASSERT_EQ(device_sine(frequency, acc), sine(phase_of(frequency, acc))) << frequency << " " << acc;
  }
}

// Every float32 whose low 12 bits are 0, and some others.
template <typename Check>
void for_floats(const Check& check) {
  std::mt19937 random(1);
  for (std::uint32_t high = 0; high < 1U << 20; ++high) {
    const float value = std::bit_cast<float>(high << 12);
    if (std::isfinite(value)) check(value);
    const float other = std::bit_cast<float>(high << 12 | (static_cast<std::uint32_t>(random()) & 0xFFFU));
    if (std::isfinite(other)) check(other);
  }
}

TEST(DeviceArithmetic, TurnSineIsTheDefinition) {
  const FpEnvironment environment;
  for_floats([](float r) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(turn_sine<DeviceFloat>(r)), std::bit_cast<std::uint32_t>(turn_sine(r))) << r;
  });
}

TEST(DeviceArithmetic, NarrowingIsTheDefinition) {
  for_floats([](float value) {
    ASSERT_EQ(ElementF16::of(value), f16_from_f32(value)) << value;
    ASSERT_EQ(ElementBf16::of(value), bf16_from_f32(value)) << value;
  });
}

TEST(Shim, DotProductsWrapAndNeverSaturate) {
  EXPECT_EQ(__dp4a(static_cast<int>(0x80808080U), static_cast<int>(0x80808080U), 0), 4 * 128 * 128);
  EXPECT_EQ(__dp4a(0x01020304, static_cast<int>(0xFF010203U), 10), 10 - 1 + 2 + 6 + 12);
  EXPECT_EQ(__dp4a(0x7F7F7F7F, 0x7F7F7F7F, 0x7FFFFFFF), static_cast<int>(0x7FFFFFFFU + 4 * 127 * 127));
  EXPECT_EQ(__dp2a_lo(static_cast<int>(0x80007FFFU), 0x05060780, 3), 3 - 32767 * 128 - 32768 * 7);
  EXPECT_EQ(__dp2a_hi(static_cast<int>(0x80007FFFU), 0x05060780, 3), 3 + 32767 * 6 - 32768 * 5);
}

// Four products of two matrices A and two B, whose numbers stand in the lanes as "PTX ISA" says of mma.m16n8k32.
TEST(Shim, MatricesStandInLanes) {
  std::mt19937 random(1);
  std::int8_t a[2][16][32], b[2][32][8];
  std::uint32_t d[2][2][16][8];
  for (auto& matrix : a) {
    for (auto& row : matrix) {
      for (std::int8_t& number : row) number = static_cast<std::int8_t>(random() % 4 == 0 ? -128 : random());
    }
  }
  for (auto& matrix : b) {
    for (auto& row : matrix) {
      for (std::int8_t& number : row) number = static_cast<std::int8_t>(random() % 4 == 0 ? -128 : random());
    }
  }
  constexpr std::uint32_t kHighest = 0x7FFFFFFF;  // sums wrap from there
  for (auto& pair : d) {
    for (auto& matrix : pair) {
      for (auto& row : matrix) {
        for (std::uint32_t& number : row) number = random() % 2 == 0 ? kHighest : static_cast<std::uint32_t>(random());
      }
    }
  }
  alignas(16) std::int8_t parts_of_a[32][2][16];
  alignas(8) std::int8_t parts_of_b[2][32][8];
  for (unsigned lane = 0; lane < 32; ++lane) {
    const unsigned group = lane >> 2, place = lane % 4;
    for (unsigned s = 0; s < 2; ++s) {
      for (unsigned i = 0; i < 16; ++i) {
        const unsigned row = i < 4 || (8 <= i && i < 12) ? group : group + 8;
        parts_of_a[lane][s][i] = a[s][row][place * 4 + (i & 3U) + (i >= 8 ? 16 : 0)];
      }
      for (unsigned i = 0; i < 8; ++i) {
        parts_of_b[s][lane][i] = b[s][place * 4 + (i & 3U) + (i >= 4 ? 16 : 0)][group];
      }
    }
  }
  const PartsOfLanes parts = of_lanes([&](unsigned lane) {
    const auto part_of_b = [&](unsigned t) { return reinterpret_cast<const int2*>(parts_of_b[t][lane]); };
    return PartsOfLane{reinterpret_cast<const int4*>(parts_of_a[lane]), {part_of_b(0), part_of_b(1)}};
  });
  const auto where = [](unsigned lane, unsigned i) {
    return std::pair((lane >> 2) + (i < 2 ? 0 : 8), lane % 4 * 2 + (i & 1U));
  };
  for (unsigned lane = 0; lane < 32; ++lane) {
    threadIdx = {lane, 0, 0};
    int numbers[4][4];
    for (unsigned s = 0; s < 2; ++s) {
      for (unsigned t = 0; t < 2; ++t) {
        for (unsigned i = 0; i < 4; ++i) {
          const auto [row, column] = where(lane, i);
          numbers[2 * t + i % 2][2 * s + i / 2] = static_cast<int>(d[s][t][row][column]);
        }
      }
    }
    multiply_add(parts, numbers);
    for (unsigned s = 0; s < 2; ++s) {
      for (unsigned t = 0; t < 2; ++t) {
        for (unsigned i = 0; i < 4; ++i) {
          const auto [row, column] = where(lane, i);
          std::uint32_t sum = d[s][t][row][column];
          for (unsigned k = 0; k < 32; ++k) sum += static_cast<std::uint32_t>(a[s][row][k] * b[t][k][column]);
          EXPECT_EQ(static_cast<std::uint32_t>(numbers[2 * t + i % 2][2 * s + i / 2]), sum) << lane << " " << i;
        }
      }
    }
  }
}

TEST(Shim, FloatOperationsRoundOnce) {
  const FpEnvironment environment;
  const float a = 1 + 0x1p-12F;
  EXPECT_EQ(__fmaf_rn(a, a, -1), 0x1.0008p-11F);         // a * a is 1 + 2^-11 + 2^-24
  EXPECT_EQ(__fadd_rn(__fmul_rn(a, a), -1), 0x1p-11F);   // the product is rounded
  EXPECT_EQ(__fmul_rn(0x1p-100F, 0x1p-40F), 0x1p-140F);  // subnormal numbers are kept
  EXPECT_EQ(__fdiv_rn(1, 3), 0x1.555556p-2F);
  EXPECT_EQ(__fsqrt_rn(2), 0x1.6a09e6p0F);
}

TEST(Shim, SumOfAbsoluteDifferencesWraps) {
  EXPECT_EQ(__sad(-3, 4, 10), 17U);
  EXPECT_EQ(__sad(4, -3, 0U - 7), 0U);
  EXPECT_EQ(__sad(-0x7FFFFFFF - 1, 0x7FFFFFFF, 1), 0U);
}

TEST(Shim, BytesArePicked) {
  EXPECT_EQ(__byte_perm(0x33221100, 0x77665544, 0x0123), 0x00112233U);
  EXPECT_EQ(__byte_perm(0x33221100, 0x77665544, 0x7450), 0x77445500U);
}

}  // namespace
}  // namespace mcnc::cuda
