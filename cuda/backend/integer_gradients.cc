// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The way back through a generator of integer arithmetic: from gradients of weights to gradients of codes.

#include <algorithm>
#include <numbers>
#include <string>

#include "cuda/backend/generator.h"
#include "cuda/backend/grids.h"
#include "util/ceil_div.h"

namespace mcnc::cuda {
namespace {

constexpr unsigned kQuarterTurn = 1U << 30;
constexpr unsigned kBackRows = 4, kBackInputs = 8;  // of cuda/kernels/gradient_layer.h

// Of a Q15 output, per unit of the accumulator, where the slope of the sine is 1 in Q15; see sdk/src/encoder/vjp.cc.
float largest_slope(unsigned frequency) { return static_cast<float>(2 * std::numbers::pi * frequency * 0x1p-32); }
constexpr float kActivationPerSine = 1.0F / 256;

}  // namespace

std::uint64_t IntegerGenerator::bytes_of_gradient() const noexcept {
  std::uint64_t widest = 0, most_inputs = 0;
  for (const Layer& layer : layers_) {
    widest = std::max<std::uint64_t>(widest, layer.stride);
    most_inputs = std::max<std::uint64_t>(most_inputs, layer.n_in);
  }
  return bytes_of_code() + sizeof(float) * (widest + most_inputs);
}

Status IntegerGenerator::differentiate(Device& device, const void* alpha, bool is_wide, std::uint64_t count,
                                       const CodeRange& codes, unsigned rows, const Gradient& gradient,
                                       const CodeGradients& to) {
  const Result<Inputs> packed = pack_codes(device, alpha, is_wide, groups_of_code(is_wide), count, codes.first, rows);
  if (!packed.ok()) return packed.status();
  return is_shallow(is_wide) ? differentiate_sine(device, *packed, codes, rows, gradient, to)
                             : differentiate_layers(device, *packed, codes, rows, gradient, to);
}

Status IntegerGenerator::differentiate_sine(Device& device, const Inputs& codes, const CodeRange& range, unsigned rows,
                                            const Gradient& gradient, const CodeGradients& to) {
  const Layer& layer = layers_.front();
  const std::string kernel = "mcnc_gradient_sine_" + std::to_string(layer.groups);
  return launch(device, kernel.c_str(), warps_grid(device, rows), layer.weights.data(), layer.stride, layer.frequency,
                codes.words, rows, layer.width, layer.n_in, gradient.data, range.first, gradient.elements,
                range.per_chunk, range.first_beta(), largest_slope(layer.frequency) * to.alpha_factor, to.beta_factor,
                to.alpha + range.first * layer.n_in, to.beta + range.first);
}

Status IntegerGenerator::differentiate_layers(Device& device, const Inputs& codes, const CodeRange& range,
                                              unsigned rows, const Gradient& gradient, const CodeGradients& to) {
  trace_.resize(layers_.size() - 1);
  std::vector<Inputs> inputs = {codes};  // of each layer
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l) {
    const Result<Inputs> next = run_layer(device, l, inputs[l], rows, trace_[l]);
    if (!next.ok()) return next.status();
    inputs.push_back(*next);
  }
  const Layer& last = layers_.back();
  // With respect to the outputs of the layer that is next on the way back.
  OutputGradient of_outputs{gradient.data, range.first, last.width, gradient.elements, range.per_chunk};
  if (Status s = multiply(device, layers_.size() - 1, inputs.back(), rows, Times::kSine, 1, of_outputs); !s.ok()) {
    return s;
  }
  if (Status s = launch(device, "mcnc_gradient_sums", warps_grid(device, rows), products_.data(), last.stride, rows,
                        range.first_beta(), to.beta_factor, to.beta + range.first);
      !s.ok()) {
    return s;
  }
  for (std::size_t l = layers_.size(); l-- > 0;) {
    const Layer& layer = layers_[l];
    const float slope = largest_slope(layer.frequency) * (l + 1 < layers_.size() ? kActivationPerSine : 1);
    if (Status s = multiply(device, l, inputs[l], rows, Times::kSlope, slope, of_outputs); !s.ok()) return s;
    const std::uint64_t numbers = std::uint64_t{rows} * layer.n_in;
    // With respect to the layer's inputs: those of the first layer are the codes.
    float* out = to.alpha + range.first * layer.n_in;
    const float* betas = range.first_beta();
    float factor = to.alpha_factor;
    if (l > 0) {
      if (Status s = inputs_gradient_.reserve(device, numbers); !s.ok()) return s;
      out = inputs_gradient_.data();
      betas = nullptr;
      factor = 1;
    }
    const Grid grid = warps_grid(device, rows, kBackRows, ceil_div(layer.n_in, kBackInputs));
    if (Status s = launch(device, "mcnc_gradient_back", grid, layer.weights.data(), layer.stride, layer.n_in,
                          products_.data(), rows, betas, factor, out);
        !s.ok()) {
      return s;
    }
    of_outputs = {out, 0, layer.n_in, numbers, 1};
  }
  return {};
}

Status IntegerGenerator::multiply(Device& device, std::size_t l, const Inputs& inputs, unsigned rows, Times times,
                                  float factor, const OutputGradient& gradient) {
  const Layer& layer = layers_[l];
  if (Status s = products_.reserve(device, std::uint64_t{rows} * layer.stride); !s.ok()) return s;
  return launch(device, inputs.is_wide ? "mcnc_gradient_layer_16" : "mcnc_gradient_layer_8",
                layer_grid(device, inputs.is_wide, layer.stride, rows), layer.weights.data(), layer.stride,
                layer.groups_of(inputs.is_wide), layer.frequency, inputs.words, rows, layer.width,
                times == Times::kSlope ? kQuarterTurn : 0U, factor, gradient.data, gradient.first, gradient.stride,
                gradient.count, gradient.per_row, products_.data());
}

}  // namespace mcnc::cuda
