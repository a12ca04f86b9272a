// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "arithmetic/philox.h"
#include "kernels/guarded.h"
#include "kernels/kernels.h"
#include "support/reference.h"

namespace mcnc {
namespace {

class FloatKernels : public testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& kernels_ = *GetParam();
  std::mt19937 random_{7};

  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

  // In magnitude around 2^-`spread` to 2^`spread`, or a zero.
  float number(int spread) {
    const float mantissa = 1 + static_cast<float>(random_() & 0x7FFFFFU) * 0x1p-23F;
    const int exponent = static_cast<int>(below(static_cast<std::uint32_t>(2 * spread + 1))) - spread;
    const float magnitude = below(50) == 0 ? 0.0F : std::ldexp(mantissa, exponent);
    return (random_() & 1U) != 0 ? -magnitude : magnitude;
  }

  std::vector<float> numbers(std::size_t n, int spread) {
    std::vector<float> result(n);
    for (float& value : result) value = number(spread);
    return result;
  }

  ReferenceLayer layer(std::uint32_t n_in, std::uint32_t width, bool bias, float turns, int spread) {
    return {n_in,
            width,
            turns != 0 ? Activation::kSine : Activation::kIdentity,
            turns,
            numbers(std::size_t{n_in} * width, spread),
            bias ? numbers(width, spread) : std::vector<float>()};
  }

  // The same, with the weights of `drawn`.
  ReferenceLayer drawn_layer(const DrawnWeights& drawn, std::uint32_t n_in, std::uint32_t width, bool bias,
                             float turns) {
    ReferenceLayer made = layer(n_in, width, bias, turns, 3);
    const RandomStream random(drawn.seed, Domain::kGeneratorWeights, drawn.stream);
    for (std::size_t e = 0; e < made.weights.size(); ++e) made.weights[e] = drawn.scale * random.uniform(e);
    return made;
  }

  // Outputs [first, first + n) for `rows` rows against generate() of a generator of this layer alone. drawn: where its
  // weights come from, if they are to be drawn by the kernel.
  void compare(const ReferenceLayer& layer, std::size_t rows, std::size_t first, std::size_t n, int spread,
               const DrawnWeights* drawn = nullptr) {
    FloatLayer packed{.n_in = layer.n_in,
                      .width = layer.width,
                      .activation = layer.activation,
                      .turns = layer.turns,
                      .has_bias = !layer.bias.empty(),
                      .is_drawn = drawn != nullptr,
                      .drawn = drawn != nullptr ? *drawn : DrawnWeights()};
    Guarded<float> weights(kernels_.float_packed_size(packed));
    kernels_.pack_float(packed, drawn != nullptr ? nullptr : layer.weights.data(),
                        packed.has_bias ? layer.bias.data() : nullptr, weights.data());
    weights.expect_intact();
    packed.packed = weights.data();

    const std::size_t x_stride = (layer.n_in + 15) / 16 * 16 + 16 * below(2);
    const std::size_t y_stride = whole_blocks(n) + 16 * below(3);
    Guarded<float> x(rows * x_stride);
    Guarded<float> y((rows - 1) * y_stride + whole_blocks(n));
    std::ranges::fill(x.span(), 1e30F);  // not to be used
    std::ranges::fill(y.span(), 1e30F);
    for (std::size_t r = 0; r < rows; ++r) std::ranges::copy(numbers(layer.n_in, spread), &x[r * x_stride]);
    kernels_.float_layer(packed, {x.data(), x_stride, rows}, first, n, y.data(), y_stride);
    y.expect_intact();

    const ReferenceGenerator generator{.layers = {layer}};
    std::vector<float> expected(n);
    for (std::size_t r = 0; r < rows; ++r) {
      generate(generator, {&x[r * x_stride], layer.n_in}, first, expected);
      for (std::size_t j = 0; j < n; ++j) {
        ASSERT_EQ(std::bit_cast<std::uint32_t>(y[r * y_stride + j]), std::bit_cast<std::uint32_t>(expected[j]))
            << std::hexfloat << y[r * y_stride + j] << ", not " << expected[j] << "; n_in " << layer.n_in << ", width "
            << layer.width << ", row " << r << " of " << rows << ", output " << j << " of " << n << " from " << first;
      }
      for (std::size_t j = whole_blocks(n); r + 1 < rows && j < y_stride; ++j) ASSERT_EQ(y[r * y_stride + j], 1e30F);
    }
  }
};

TEST_P(FloatKernels, EveryWidthAndNumberOfInputsAndRows) {
  for (std::uint32_t width = 1; width <= 200; ++width) {
    const std::uint32_t n_in = 1 + below(70);
    compare(layer(n_in, width, width % 2 == 0, width % 3 == 0 ? 0.0F : 0.7F, 3), 1 + below(20), 0, width, 3);
  }
  for (std::uint32_t n_in = 1; n_in <= 70; ++n_in) {
    compare(layer(n_in, 65, n_in % 2 == 0, n_in % 3 == 0 ? 0.0F : -1.3F, 3), 1 + below(20), 0, 65, 3);
  }
  for (std::uint32_t rows = 1; rows <= 20; ++rows) {
    compare(layer(9, 70, rows % 2 == 0, rows % 3 == 0 ? 0.0F : 2.5F, 3), rows, 0, 70, 3);
  }
}

TEST_P(FloatKernels, RangesOfOutputs) {
  const ReferenceLayer wide = layer(11, 200, true, 0.3F, 3);
  for (std::size_t first = 0; first < 200; first += kBlock) {
    for (std::size_t n = 1; n <= 200 - first; ++n) compare(wide, 1 + n % 7, first, n, 3);
  }
}

TEST_P(FloatKernels, ManyInputs) {
  for (const std::uint32_t n_in : {1023U, 1024U, 1025U, 2500U}) {
    compare(layer(n_in, 70, true, 0.3F, 3), 7, 0, 70, 3);
    compare(layer(n_in, 70, false, 0, 3), 6, 0, 70, 3);
  }
}

TEST_P(FloatKernels, DrawnLayersOfEveryWidth) {
  for (std::uint32_t width = 1; width <= 200; ++width) {
    const DrawnWeights drawn{width * 0x123456789ULL, width, width % 5 == 0 ? 0x1.8p-130F : 0.3F};
    const ReferenceLayer made = drawn_layer(drawn, 1 + below(30), width, width % 2 == 0, width % 3 == 0 ? 0.0F : 0.7F);
    compare(made, 1 + below(20), 0, width, 3, &drawn);
  }
}

TEST_P(FloatKernels, RangesOfDrawnLayers) {
  // Around the columns that are drawn together, aligned and not with the blocks of random numbers.
  for (const std::uint32_t width : {959U, 960U, 961U, 1923U, 2050U}) {
    const DrawnWeights drawn{7, 3, 1.25F};
    const ReferenceLayer made = drawn_layer(drawn, 19, width, width % 2 == 0, width % 3 == 0 ? 0.0F : 0.7F);
    for (std::size_t first = 0; first < width; first += kBlock * (1 + below(6))) {
      compare(made, 1 + below(8), first, width - first, 3, &drawn);
      compare(made, 1 + below(8), first, 1 + below(static_cast<std::uint32_t>(width - first)), 3, &drawn);
    }
  }
}

TEST_P(FloatKernels, DrawnLayersOfManyInputs) {
  for (const std::uint32_t n_in : {7U, 8U, 9U, 1025U}) {
    const DrawnWeights drawn{n_in, 0, 0.5F};
    compare(drawn_layer(drawn, n_in, 70, true, 0.3F), 7, 0, 70, 3, &drawn);
    compare(drawn_layer(drawn, n_in, 67, false, 0), 13, 0, 67, 3, &drawn);
  }
}

TEST_P(FloatKernels, SubnormalsAndZerosOfEitherSign) {
  for (int i = 0; i < 30; ++i) {
    for (const int spread : {40, 60, 70, 75}) {
      compare(layer(1 + below(5), 64, i % 2 == 0, 0, spread), 4, 0, 64, spread < 70 ? spread : 20);
      compare(layer(1 + below(5), 64, i % 4 == 0, i % 3 == 0 ? -1.0F : 0x1p16F, spread), 4, 0, 64, 2);
    }
  }
}

TEST_P(FloatKernels, TurnsOfAnyMagnitude) {
  // One input: the outputs are the sines of the weights.
  std::vector<float> turns = {0.0F,        0.25F,       0.5F,        0.75F,       1.0F,        1.5F,
                              2.5F,        8388607.5F,  8388608.F,   8388609.F,   4194303.F,   4194304.F,
                              4194303.25F, 4194303.75F, 0x1p30F,     0x1p-149F,   0x1p-126F,   0x1p-76F,
                              0x1p-63F,    0x1p60F,     0.24999999F, 0.25000003F, 0.49999997F, 0.50000006F};
  for (int exponent = 20; exponent <= 30; ++exponent) {
    for (int i = 0; i < 64; ++i)
      turns.push_back(std::ldexp(1 + static_cast<float>(below(1U << 23)) * 0x1p-23F, exponent));
  }
  for (std::uint32_t bits = 0; bits <= std::bit_cast<std::uint32_t>(0x1p31F); bits += 49999) {
    turns.push_back(std::bit_cast<float>(bits));
  }
  for (const float factor : {1.0F, -1.0F}) {
    ReferenceLayer sines{1, static_cast<std::uint32_t>(turns.size()), Activation::kSine, factor, turns, {}};
    compare(sines, 3, 0, turns.size(), 1);
    for (float& value : sines.weights) value = -value;
    compare(sines, 2, 0, turns.size(), 1);
  }
}

TEST_P(FloatKernels, AddScaled) {
  for (std::size_t n = 0; n <= 200; ++n) {
    for (const bool from_constant : {false, true}) {
      const std::size_t rows = 1 + n % 4;
      const std::size_t offset = 4 * (n % 16);
      const std::size_t g_stride = n + n % 3;
      const std::size_t w_stride = n + n % 5;
      Guarded<float> g(rows * g_stride, from_constant ? 0 : 64 - offset);
      Guarded<float> w(rows * w_stride, offset);
      std::ranges::copy(numbers(g.span().size(), 4), g.data());
      std::ranges::copy(numbers(w.span().size(), 4), w.data());
      const std::vector<float> beta = numbers(rows, n % 7 == 0 ? 126 : 4);
      std::vector<float> expected(w.span().begin(), w.span().end());
      for (std::size_t r = 0; r < rows; ++r) {
        const std::span<float> row = std::span(expected).subspan(r * w_stride, n);
        if (from_constant) std::ranges::fill(row, 0.3F);
        add_scaled(beta[r], {g.data() + r * g_stride, n}, row);
      }
      kernels_.add_scaled({g.data(), g_stride, rows}, n, {beta.data(), from_constant, 0.3F}, w.data(), w_stride);
      w.expect_intact();
      w.expect_equal(expected);
    }
  }
}

TEST_P(FloatKernels, AddScaledRoundsTwice) {
  constexpr float kFactor = 1 + 0x1p-12F;  // its square needs one bit more than a float has
  Guarded<float> g(67);
  Guarded<float> w(67);
  std::ranges::fill(g.span(), kFactor);
  std::ranges::fill(w.span(), -1.0F - 0x1p-11F);
  kernels_.add_scaled({g.data(), 67, 1}, 67, {&kFactor}, w.data(), 67);
  for (const float value : w.span()) ASSERT_EQ(value, 0.0F);
}

INSTANTIATE_TEST_SUITE_P(Targets, FloatKernels, testing::ValuesIn(supported_kernels()),
                         [](const auto& target) { return std::string(target.param->name); });

}  // namespace
}  // namespace mcnc
