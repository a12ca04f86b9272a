// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "encoder/vjp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <tuple>
#include <vector>

#include "arithmetic/philox.h"
#include "arithmetic/sine.h"
#include "kernels/kernels.h"
#include "support/reference.h"

namespace mcnc {
namespace {

constexpr std::uint32_t kCodeDim = 5;
constexpr std::uint32_t kChunkDim = 37;

Generator generator_with(const std::vector<std::uint32_t>& hidden) {
  Generator generator;
  generator.code_dim = kCodeDim;
  generator.seed = 11;
  for (const std::uint32_t width : hidden) generator.layers.push_back({width, Activation::kSine, 1U << 19, {}});
  generator.layers.push_back({kChunkDim, Activation::kSine, hidden.empty() ? 1U << 19 : 1U << 14, {}});
  for (std::size_t l = 1; l < hidden.size(); ++l) generator.layers[l].frequency = 1U << 14;
  return generator;
}

constexpr std::size_t kRows = 9;

// (kRows, kCodeDim)
std::vector<std::int32_t> some_alpha() {
  const RandomStream stream(3, Domain::kProbe, 8);
  std::vector<std::int32_t> alpha(kRows * kCodeDim);
  for (std::size_t i = 0; i < alpha.size(); ++i) alpha[i] = stream.odd_int8(i);
  return alpha;
}

std::span<const std::int32_t> code(const std::vector<std::int32_t>& alpha, std::size_t r) {
  return std::span(alpha).subspan(r * kCodeDim, kCodeDim);
}

// Gradients with respect to the rows of phi, (kRows, kChunkDim) in whole blocks.
RowBuffer<float> some_direction() {
  const RandomStream stream(3, Domain::kProbe, 9);
  RowBuffer<float> direction;
  direction.resize(kRows, whole_blocks(kChunkDim));
  for (std::size_t i = 0; i < direction.data.size(); ++i) direction.data[i] = stream.odd_int8(i);
  return direction;
}

// Of each of some_alpha(), at most `together` of them at a time.
std::vector<float> gradients_of(const DifferentiableGenerator& generator, std::size_t together) {
  const std::vector<std::int32_t> alpha = some_alpha();
  const RowBuffer<float> direction = some_direction();
  DifferentiableGenerator::Trace trace = generator.make_trace(together);
  std::vector<float> gradients(alpha.size());
  for (std::size_t r = 0; r < kRows; r += together) {
    const std::size_t count = std::min(together, kRows - r);
    generator.forward({alpha.data() + r * kCodeDim, kCodeDim, count}, trace);
    generator.backward({direction.rows()[r], direction.stride, count}, trace,
                       {gradients.data() + r * kCodeDim, kCodeDim, count});
  }
  return gradients;
}

// The chain rule, step by step: rounded activations and the cosine of the integer arithmetic, sums in float64.
std::vector<double> gradient_by_definition(const ExpandedGenerator& generator, std::span<const std::int32_t> alpha,
                                           std::span<const float> direction) {
  std::vector<std::vector<double>> slopes;  // of each layer
  std::vector<std::int32_t> x(alpha.begin(), alpha.end());
  for (const ExpandedLayer& layer : generator.layers) {
    std::vector<std::uint32_t> acc(layer.width);
    accumulate(layer, x, 0, acc);
    x.clear();
    std::vector<double>& slope = slopes.emplace_back();
    for (const std::uint32_t sum : acc) {
      const std::uint16_t phase = phase_of(layer.frequency, sum);
      x.push_back(narrow_activation(sine(phase)));
      slope.push_back(2 * std::numbers::pi * layer.frequency * 0x1p-32 * sine(quarter_ahead(phase)));
    }
  }
  std::vector<double> gradient(direction.begin(), direction.end());
  for (std::size_t l = generator.layers.size(); l-- > 0;) {
    const ExpandedLayer& layer = generator.layers[l];
    std::vector<double> below(layer.n_in);
    for (std::size_t i = 0; i < layer.n_in; ++i) {
      for (std::size_t j = 0; j < layer.width; ++j) {
        below[i] += layer.weights[i * layer.width + j] * gradient[j] * slopes[l][j];
      }
      if (l > 0) below[i] /= 256;
    }
    gradient = below;
  }
  return gradient;
}

// The same network in real numbers: no rounding of phases, of the sine or between layers.
std::vector<double> smooth(const ExpandedGenerator& generator, std::vector<double> x) {
  for (std::size_t l = 0; l < generator.layers.size(); ++l) {
    const ExpandedLayer& layer = generator.layers[l];
    std::vector<double> y(layer.width);
    for (std::size_t j = 0; j < layer.width; ++j) {
      double acc = 0;
      for (std::size_t i = 0; i < layer.n_in; ++i) acc += layer.weights[i * layer.width + j] * x[i];
      y[j] = 32767 * std::sin(2 * std::numbers::pi * layer.frequency * 0x1p-32 * acc);
      if (l + 1 < generator.layers.size()) y[j] /= 256;
    }
    x = y;
  }
  return x;
}

double norm_of(std::span<const double> x) {
  double sum = 0;
  for (const double value : x) sum += value * value;
  return std::sqrt(sum);
}

template <typename Number>
double distance(std::span<const Number> a, std::span<const double> b) {
  std::vector<double> difference(b.begin(), b.end());
  for (std::size_t i = 0; i < a.size(); ++i) difference[i] -= a[i];
  return norm_of(difference);
}

// Kernels, hidden layers.
class Vjp : public ::testing::TestWithParam<std::tuple<const Kernels*, std::vector<std::uint32_t>>> {
 protected:
  const Kernels& kernels() const { return *std::get<0>(GetParam()); }
  const std::vector<std::uint32_t>& hidden() const { return std::get<1>(GetParam()); }

  const ExpandedGenerator expanded_ = expand(generator_with(hidden()), {});
  const DifferentiableGenerator generator_{kernels(), expanded_, false};
};

TEST_P(Vjp, ForwardIsTheReference) {
  const std::vector<std::int32_t> alpha = some_alpha();
  DifferentiableGenerator::Trace trace = generator_.make_trace(kRows);
  generator_.forward({alpha.data(), kCodeDim, kRows}, trace);
  RowBuffer<float> g;
  g.resize(kRows, whole_blocks(kChunkDim));
  const std::vector<float> ones(kRows, 1.0F);
  generator_.expand(trace, {.beta = ones.data(), .from_constant = true}, g.data.data(), g.stride);
  std::vector<std::int32_t> expected(kChunkDim);
  for (std::size_t r = 0; r < kRows; ++r) {
    generate(expanded_, code(alpha, r), 0, expected);
    for (std::size_t j = 0; j < kChunkDim; ++j) ASSERT_EQ(g.row(r)[j], static_cast<float>(expected[j]));
  }
}

TEST_P(Vjp, BackwardIsTheDefinition) {
  const std::vector<std::int32_t> alpha = some_alpha();
  const RowBuffer<float> direction = some_direction();
  const std::vector<float> gradients = gradients_of(generator_, kRows);
  for (std::size_t r = 0; r < kRows; ++r) {
    const std::vector<double> expected =
        gradient_by_definition(expanded_, code(alpha, r), std::span(direction.rows()[r], kChunkDim));
    const auto gradient = std::span(gradients).subspan(r * kCodeDim, kCodeDim);
    EXPECT_LT(distance(gradient, expected), 1e-5 * norm_of(expected));
  }
}

TEST_P(Vjp, BackwardIsTheGradientOfTheSmoothGenerator) {
  const std::vector<std::int32_t> alpha = some_alpha();
  const RowBuffer<float> direction = some_direction();
  const std::vector<float> gradients = gradients_of(generator_, kRows);
  const auto along = [&](const std::vector<double>& x) {
    const std::vector<double> y = smooth(expanded_, x);
    double sum = 0;
    for (std::size_t j = 0; j < kChunkDim; ++j) sum += direction.rows()[0][j] * y[j];
    return sum;
  };
  std::vector<double> expected;
  for (std::size_t i = 0; i < kCodeDim; ++i) {
    constexpr double kStep = 1e-3;
    std::vector<double> up(alpha.begin(), alpha.begin() + kCodeDim);
    std::vector<double> down = up;
    up[i] += kStep;
    down[i] -= kStep;
    expected.push_back((along(up) - along(down)) / (2 * kStep));
  }
  // Rounding between layers moves the phases of the next one a little.
  const double tolerance = hidden().empty() ? 1e-3 : 3e-2;
  EXPECT_LT(distance(std::span(gradients).first(kCodeDim), expected), tolerance * norm_of(expected));
}

TEST_P(Vjp, BatchesAndKernelsDoNotMatter) {
  const std::vector<float> gradients = gradients_of(generator_, kRows);
  for (const std::size_t together : {1, 2, 5}) EXPECT_EQ(gradients_of(generator_, together), gradients);
  const DifferentiableGenerator scalar(*find_kernels("scalar"), expanded_, false);
  EXPECT_EQ(gradients_of(scalar, kRows), gradients);
}

TEST_P(Vjp, WideCodes) {
  const DifferentiableGenerator wide(kernels(), expanded_, true);
  EXPECT_EQ(gradients_of(wide, kRows), gradients_of(generator_, kRows));
}

// Layers of fewer and of more inputs than a block has outputs go back on different ways.
INSTANTIATE_TEST_SUITE_P(
    Layers, Vjp,
    ::testing::Combine(::testing::ValuesIn(supported_kernels()),
                       ::testing::Values(std::vector<std::uint32_t>{}, std::vector<std::uint32_t>{16},
                                         std::vector<std::uint32_t>{16, 24}, std::vector<std::uint32_t>{130, 70})));

}  // namespace
}  // namespace mcnc
