// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "encoder/vjp.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "generator/philox.h"
#include "generator/reference.h"

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

std::vector<std::int32_t> some_alpha() { return {100, -37, 4, -127, 61}; }

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

class Vjp : public ::testing::TestWithParam<std::vector<std::uint32_t>> {};

TEST_P(Vjp, ForwardIsTheReference) {
  const ExpandedGenerator expanded = expand(generator_with(GetParam()), {});
  const DifferentiableGenerator generator(expanded);
  DifferentiableGenerator::Trace trace = generator.make_trace();
  std::vector<std::int32_t> g(kChunkDim);
  std::vector<std::int32_t> expected(kChunkDim);
  generator.forward(some_alpha(), trace, g);
  generate(expanded, some_alpha(), 0, expected);
  EXPECT_EQ(g, expected);
}

TEST_P(Vjp, BackwardIsTheGradientOfTheSmoothGenerator) {
  const ExpandedGenerator expanded = expand(generator_with(GetParam()), {});
  const DifferentiableGenerator generator(expanded);
  DifferentiableGenerator::Trace trace = generator.make_trace();
  std::vector<std::int32_t> g(kChunkDim);
  generator.forward(some_alpha(), trace, g);
  std::vector<float> direction(kChunkDim);
  const RandomStream stream(3, Domain::kProbe, 9);
  for (std::size_t j = 0; j < kChunkDim; ++j) direction[j] = stream.odd_int8(j);
  std::vector<float> gradient(kCodeDim);
  generator.backward(direction, trace, gradient);

  const std::vector<std::int32_t> alpha = some_alpha();
  const std::vector<double> at(alpha.begin(), alpha.end());
  const auto along = [&](const std::vector<double>& x) {
    const std::vector<double> y = smooth(expanded, x);
    double sum = 0;
    for (std::size_t j = 0; j < kChunkDim; ++j) sum += direction[j] * y[j];
    return sum;
  };
  double error = 0;
  double norm = 0;
  for (std::size_t i = 0; i < kCodeDim; ++i) {
    constexpr double kStep = 1e-3;
    std::vector<double> up = at;
    std::vector<double> down = at;
    up[i] += kStep;
    down[i] -= kStep;
    const double expected = (along(up) - along(down)) / (2 * kStep);
    error += std::pow(gradient[i] - expected, 2);
    norm += std::pow(expected, 2);
  }
  // Rounding between layers moves the phases of the next one a little.
  EXPECT_LT(std::sqrt(error / norm), GetParam().empty() ? 1e-3 : 3e-2);
}

INSTANTIATE_TEST_SUITE_P(Layers, Vjp,
                         ::testing::Values(std::vector<std::uint32_t>{}, std::vector<std::uint32_t>{16},
                                           std::vector<std::uint32_t>{16, 24}));

}  // namespace
}  // namespace mcnc
