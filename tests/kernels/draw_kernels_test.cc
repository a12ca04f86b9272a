// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "arithmetic/philox.h"
#include "kernels/guarded.h"
#include "kernels/kernels.h"

namespace mcnc {
namespace {

constexpr std::uint64_t kSeed = 0xFEDCBA9876543210;

// Every size around vectors and blocks, and some around the buffers of a kernel.
std::vector<std::size_t> sizes() {
  std::vector<std::size_t> result;
  for (std::size_t n = 0; n <= 200; ++n) result.push_back(n);
  for (const std::size_t n : {511U, 512U, 513U, 1023U, 1025U, 2047U, 2048U, 2049U, 5000U}) result.push_back(n);
  return result;
}

class DrawKernels : public testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& kernels_ = *GetParam();
};

TEST_P(DrawKernels, Int8) {
  for (const std::size_t n : sizes()) {
    const auto stream = static_cast<std::uint32_t>(n);
    const RandomStream random(kSeed, Domain::kGeneratorWeights, stream);
    std::vector<std::int8_t> expected(n);
    for (std::size_t e = 0; e < n; ++e) expected[e] = random.odd_int8(e);
    Guarded<std::int8_t> out(n, n);
    kernels_.draw_int8(kSeed, stream, n, out.data());
    out.expect_intact();
    out.expect_equal(expected);
  }
}

TEST_P(DrawKernels, Float) {
  for (const std::size_t n : sizes()) {
    const auto stream = static_cast<std::uint32_t>(n);
    // The last scale makes subnormals, where the order of the two products shows.
    const float scale = std::vector{1.0F, 0.3F, 0x1p16F, 0x1.8p-130F}[n % 4];
    const RandomStream random(kSeed + n, Domain::kGeneratorWeights, stream);
    std::vector<float> expected(n);
    for (std::size_t e = 0; e < n; ++e) expected[e] = scale * random.uniform(e);
    Guarded<float> out(n, 4 * n);
    kernels_.draw_float(kSeed + n, stream, scale, n, out.data());
    out.expect_intact();
    out.expect_equal(expected);
  }
}

TEST_P(DrawKernels, Theta0) {
  // The others begin a few elements before blocks whose number needs another bit of the upper word.
  const std::uint64_t firsts[] = {0,
                                  1,
                                  2,
                                  3,
                                  5,
                                  7,
                                  8,
                                  9,
                                  1000003,
                                  (std::uint64_t{8} << 32) - 1000,
                                  (std::uint64_t{8} << 32) - 21,
                                  (std::uint64_t{16} << 32) - 40};
  for (const std::uint64_t first : firsts) {
    for (const std::size_t n : sizes()) {
      const float bound = n % 2 == 0 ? 0x1.234566p-20F : 0x1.fp-141F;
      const auto stream = static_cast<std::uint32_t>(0x80000000U + n);
      const RandomStream random(kSeed, Domain::kTheta0, stream);
      std::vector<float> expected(n);
      for (std::size_t e = 0; e < n; ++e) expected[e] = bound * static_cast<float>(random.int16(first + e));
      Guarded<float> out(n, 4 * n);
      kernels_.draw_theta0(kSeed, stream, bound, first, n, out.data());
      out.expect_intact();
      out.expect_equal(expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, DrawKernels, testing::ValuesIn(supported_kernels()),
                         [](const auto& target) { return std::string(target.param->name); });

}  // namespace
}  // namespace mcnc
