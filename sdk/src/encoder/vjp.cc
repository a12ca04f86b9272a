// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "encoder/vjp.h"

#include <Eigen/Core>
#include <algorithm>
#include <numbers>
#include <utility>

#include "generator/reference.h"
#include "generator/sine.h"

namespace mcnc {
namespace {

using Vector = Eigen::VectorXf;
using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Of the Q15 sine, per unit of the accumulator, where the cosine is 1 in Q15: one turn is 2^32 / frequency.
float largest_slope(std::uint32_t frequency) noexcept {
  return static_cast<float>(2 * std::numbers::pi * frequency * 0x1p-32);
}

// Gradient through narrow_activation.
constexpr float kActivationPerSine = 1.0F / 256;

}  // namespace

DifferentiableGenerator::DifferentiableGenerator(ExpandedGenerator generator) : generator_(std::move(generator)) {
  for (const ExpandedLayer& layer : generator_.layers) {
    weights_.emplace_back(layer.weights.begin(), layer.weights.end());
  }
}

DifferentiableGenerator::Trace DifferentiableGenerator::make_trace() const {
  Trace trace;
  std::size_t widest = code_dim();
  for (const ExpandedLayer& layer : generator_.layers) {
    trace.phases.emplace_back(layer.width);
    widest = std::max<std::size_t>(widest, layer.width);
  }
  trace.x.resize(widest);
  trace.acc.resize(widest);
  trace.delta.resize(widest);
  trace.gradient.resize(widest);
  return trace;
}

void DifferentiableGenerator::forward(std::span<const std::int32_t> alpha, Trace& trace,
                                      std::span<std::int32_t> g) const {
  std::copy(alpha.begin(), alpha.end(), trace.x.begin());
  const std::size_t last = generator_.layers.size() - 1;
  for (std::size_t l = 0; l <= last; ++l) {
    const ExpandedLayer& layer = generator_.layers[l];
    const std::span<std::uint32_t> acc = std::span(trace.acc).first(layer.width);
    accumulate(layer, std::span(trace.x).first(layer.n_in), 0, acc);
    std::vector<std::uint16_t>& phases = trace.phases[l];
    for (std::size_t j = 0; j < acc.size(); ++j) {
      phases[j] = phase_of(layer.frequency, acc[j]);
      const std::int16_t s = sine(phases[j]);
      if (l == last) {
        g[j] = s;
      } else {
        trace.x[j] = narrow_activation(s);
      }
    }
  }
}

void DifferentiableGenerator::backward(std::span<const float> gradient_g, Trace& trace,
                                       std::span<float> gradient_alpha) const {
  std::copy(gradient_g.begin(), gradient_g.end(), trace.gradient.begin());
  for (std::size_t l = generator_.layers.size(); l-- > 0;) {
    const ExpandedLayer& layer = generator_.layers[l];
    const float slope = largest_slope(layer.frequency);
    for (std::size_t j = 0; j < layer.width; ++j) {
      const auto quarter_ahead = static_cast<std::uint16_t>(trace.phases[l][j] + 16384U);
      trace.delta[j] = trace.gradient[j] * (slope * static_cast<float>(sine(quarter_ahead)));
    }
    const Eigen::Map<const RowMatrix> w(weights_[l].data(), layer.n_in, layer.width);
    const Eigen::Map<const Vector> delta(trace.delta.data(), layer.width);
    Eigen::Map<Vector>(trace.gradient.data(), layer.n_in).noalias() = w * delta;
    if (l > 0) {
      for (std::size_t i = 0; i < layer.n_in; ++i) trace.gradient[i] *= kActivationPerSine;
    }
  }
  std::copy_n(trace.gradient.begin(), gradient_alpha.size(), gradient_alpha.begin());
}

}  // namespace mcnc
