// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "arithmetic/philox.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/expanded.h"

namespace mcnc {
namespace {

// The known-answer vectors of the Random123 distribution.
TEST(Philox, KnownAnswers) {
  constexpr std::uint32_t kOnes = 0xFFFFFFFF;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

std::vector<std::int8_t> draw_weights(std::uint64_t seed, std::uint32_t stream, std::size_t n) {
  std::vector<std::int8_t> weights(n);
  for (std::size_t e = 0; e < n; ++e) weights[e] = RandomStream(seed, Domain::kGeneratorWeights, stream).odd_int8(e);
  return weights;
}

TEST(RandomStream, WeightsOfSpecification) {
  const std::vector<std::int8_t> first = {65, -17, 123, 19, -119, 117, 5, 31, 33, 43, -123, 73, -105, 53, 57, 11};
  EXPECT_EQ(draw_weights(1, 0, 16), first);
  const std::vector<std::int8_t> second = {55, -65, -29, 21, 53, -89, 89, 27, 3, -21, 49, 101, -43, 127, 29, 25};
  EXPECT_EQ(draw_weights(0xfedcba9876543210, 2, 16), second);
}

TEST(RandomStream, BlockCarriesIntoTheSecondCounterWord) {
  const RandomStream stream(1, Domain::kTheta0, 0);
  EXPECT_EQ(stream.block(std::uint64_t{1} << 32), philox({0, 1, 0, 2}, {1, 0}));
  EXPECT_NE(stream.block(std::uint64_t{1} << 32), stream.block(0));
  EXPECT_EQ(stream.int16((std::uint64_t{1} << 35) + 3),
            static_cast<std::int16_t>(philox({0, 1, 0, 2}, {1, 0})[1] >> 16));
}

}  // namespace
}  // namespace mcnc
