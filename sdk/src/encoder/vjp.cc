// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "encoder/vjp.h"

#include <Eigen/Core>
#include <algorithm>
#include <numbers>
#include <span>
#include <utility>

namespace mcnc {
namespace {

using Vector = Eigen::VectorXf;
using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::size_t kNumbersAtATime = std::size_t{1} << 15;  // three buffers of them stay in the second cache

// Gradient through narrow_activation.
constexpr float kActivationPerSine = 1.0F / 256;

// Of the Q15 output, per unit of the accumulator, where slope() is 1 in Q15: one turn is 2^32 / frequency.
float largest_slope(const IntegerLayer& layer) noexcept {
  switch (layer.activation) {
    case Activation::kSine:
      return static_cast<float>(2 * std::numbers::pi * layer.frequency * 0x1p-32);
    case Activation::kIdentity:
      break;
  }
  return 0;  // see DifferentiableGenerator
}

std::vector<float> transposed(const ExpandedLayer& layer) {
  std::vector<float> weights(layer.weights.size());  // (width, n_in)
  for (std::size_t i = 0; i < layer.n_in; ++i) {
    for (std::size_t j = 0; j < layer.width; ++j) weights[j * layer.n_in + i] = layer.weights[i * layer.width + j];
  }
  return weights;
}

}  // namespace

DifferentiableGenerator::DifferentiableGenerator(const Kernels& kernels, const ExpandedGenerator& generator,
                                                 bool wide_alpha)
    : phi_(kernels, generator, wide_alpha) {
  for (const ExpandedLayer& layer : generator.layers) {
    WayBack& way_back = ways_back_.emplace_back();
    if (layer.n_in < kBlock) {  // codes, as a rule: most of a block would be padding
      way_back.thin.assign(layer.weights.begin(), layer.weights.end());
    } else {
      way_back.wide.emplace(kernels, transposed(layer).data(), layer.width, layer.n_in);
    }
  }
}

std::size_t DifferentiableGenerator::rows_together(std::size_t most) const noexcept {
  std::size_t widest = code_dim();
  for (const IntegerLayer& layer : phi_.layers) widest = std::max<std::size_t>(widest, layer.width);
  return std::clamp<std::size_t>(kNumbersAtATime / widest, 1, most);
}

DifferentiableGenerator::Trace DifferentiableGenerator::make_trace(std::size_t rows) const {
  Trace trace;
  std::size_t most_inputs = code_dim();
  std::size_t widest = chunk_dim();
  trace.x.emplace_back().resize(rows, phi_.code_stride());
  for (std::size_t l = 0; l + 1 < phi_.layers.size(); ++l) {
    const std::size_t width = phi_.layers[l].width;
    trace.x.emplace_back().resize(rows, whole_blocks(width) * phi_.kernels->activation_size);
    most_inputs = std::max(most_inputs, width);
    widest = std::max(widest, width);
  }
  trace.delta.resize(rows, whole_blocks(widest));
  trace.gradient.resize(rows, whole_blocks(most_inputs));
  return trace;
}

void DifferentiableGenerator::forward(Rows<const std::int32_t> alpha, Trace& trace) const {
  for (auto& x : trace.x) x.count = alpha.count;
  for (std::size_t r = 0; r < alpha.count; ++r) phi_.set_code(std::span(alpha[r], code_dim()), trace.x.front().row(r));
  for (std::size_t l = 0; l + 1 < phi_.layers.size(); ++l) {
    phi_.kernels->integer_hidden(phi_.layers[l], std::as_const(trace.x[l]).rows(), trace.x[l + 1].rows());
  }
}

void DifferentiableGenerator::expand(const Trace& trace, const Accumulate& how, float* w, std::size_t w_stride) const {
  phi_.kernels->integer_expand(phi_.layers.back(), trace.x.back().rows(), 0, chunk_dim(), how, w, w_stride);
}

void DifferentiableGenerator::backward(Rows<const float> gradient_g, Trace& trace, Rows<float> gradient_alpha) const {
  const std::size_t rows = gradient_g.count;
  trace.delta.count = rows;
  trace.gradient.count = rows;
  Rows<const float> gradient = gradient_g;
  for (std::size_t l = phi_.layers.size(); l-- > 0;) {
    const IntegerLayer& layer = phi_.layers[l];
    const float slope = largest_slope(layer) * (l + 1 < phi_.layers.size() ? kActivationPerSine : 1);
    phi_.kernels->integer_slopes(layer, std::as_const(trace.x[l]).rows(), slope, trace.delta.rows());
    for (std::size_t r = 0; r < rows; ++r) {
      const float* outputs = gradient[r];
      float* delta = trace.delta.row(r);
      for (std::size_t j = 0; j < layer.width; ++j) delta[j] *= outputs[j];
    }
    if (const WayBack& way_back = ways_back_[l]; way_back.wide) {
      phi_.kernels->float_layer(way_back.wide->layer, std::as_const(trace.delta).rows(), 0, layer.n_in,
                                trace.gradient.data.data(), trace.gradient.stride);
    } else {
      const Eigen::Map<const RowMatrix> w(way_back.thin.data(), layer.n_in, layer.width);
      for (std::size_t r = 0; r < rows; ++r) {
        const Eigen::Map<const Vector> delta(trace.delta.row(r), layer.width);
        Eigen::Map<Vector>(trace.gradient.row(r), layer.n_in).noalias() = w * delta;
      }
    }
    gradient = std::as_const(trace.gradient).rows();
  }
  for (std::size_t r = 0; r < rows; ++r) std::copy_n(gradient[r], code_dim(), gradient_alpha[r]);
}

}  // namespace mcnc
