// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "arithmetic/sine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "mcnc/little_endian.h"
#include "util/sha256.h"

namespace mcnc {
namespace {

TEST(Sine, SpotValuesOfSpecification) {
  const std::pair<std::uint16_t, std::int16_t> spots[] = {{0, 0},          {1, 3},     {100, 314}, {8192, 23172},
                                                          {16384, 32767},  {32767, 3}, {32768, 0}, {40000, -20943},
                                                          {49152, -32767}, {65535, -3}};
  for (const auto& [phase, value] : spots) EXPECT_EQ(sine(phase), value) << phase;
}

TEST(Sine, DigestOfAllValues) {
  std::vector<std::byte> bytes(2 * 65536);
  for (std::uint32_t phase = 0; phase < 65536; ++phase) {
    store_le(bytes.data() + 2 * phase, static_cast<std::uint16_t>(sine(static_cast<std::uint16_t>(phase))));
  }
  EXPECT_EQ(to_hex(sha256(bytes)), "7e3a77d082feb0bb2bb70addd155c369c4d131f5abdcecd2671acbea27b45648");
}

TEST(Sine, ErrorAgainstTheTrueSine) {
  double worst = 0;
  for (std::uint32_t phase = 0; phase < 65536; ++phase) {
    const double turn = phase / 65536.0;
    const double value = sine(static_cast<std::uint16_t>(phase)) / 32767.0;
    worst = std::max(worst, std::fabs(value - std::sin(2 * std::numbers::pi * turn)));
  }
  EXPECT_LT(worst, 1.26e-4);
}

TEST(NarrowActivation, RoundsAndClamps) {
  EXPECT_EQ(narrow_activation(0), 0);
  EXPECT_EQ(narrow_activation(127), 0);
  EXPECT_EQ(narrow_activation(128), 1);
  EXPECT_EQ(narrow_activation(-128), 0);
  EXPECT_EQ(narrow_activation(-129), -1);
  EXPECT_EQ(narrow_activation(32767), 127);
  EXPECT_EQ(narrow_activation(-32767), -127);
}

}  // namespace
}  // namespace mcnc
