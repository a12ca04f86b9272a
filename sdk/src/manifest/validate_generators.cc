// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <vector>

#include "arithmetic/activation.h"
#include "manifest/validate_rules.h"
#include "mcnc/ranges.h"

namespace mcnc::rules {
namespace {

// In 0 < |value| <= kMaxFloat, or 0 where it has no meaning.
bool fits(float value, bool has_meaning) {
  return has_meaning ? value != 0 && std::fabs(value) <= kMaxFloat : value == 0;
}

}  // namespace

Status generator_layers(const Manifest& m) {
  constexpr std::size_t kMaxLayers = 16;
  for (std::size_t i = 0; i < m.generators.size(); ++i) {
    const std::size_t layers = m.generators[i].layers.size();
    if (layers < 1 || layers > kMaxLayers) {
      return refuse("generator.layers",
                    numbered("generator", i) + " has " + std::to_string(layers) + " layers, 1 to 16 are allowed");
    }
  }
  return {};
}

Status generator_width(const Manifest& m) {
  constexpr std::uint32_t kMaxWidth = std::uint32_t{1} << 28;
  const auto fits = [](std::uint32_t width) { return width >= 1 && width <= kMaxWidth; };
  for (std::size_t i = 0; i < m.generators.size(); ++i) {
    const Generator& generator = m.generators[i];
    if (!fits(generator.code_dim) ||
        !std::ranges::all_of(generator.layers, [&](const Layer& layer) { return fits(layer.width); })) {
      return refuse("generator.width", numbered("generator", i) + ": code_dim and widths must be 1 to 2^28");
    }
  }
  return {};
}

Status generator_activation(const Manifest& m) {
  for (std::size_t i = 0; i < m.generators.size(); ++i) {
    const std::vector<Layer>& layers = m.generators[i].layers;
    if (std::any_of(layers.begin(), layers.end() - 1,
                    [](const Layer& layer) { return !has_phase(layer.activation); })) {
      return refuse("generator.activation", numbered("generator", i) + ": only the last layer may be identity");
    }
  }
  return {};
}

Status generator_frequency(const Manifest& m) {
  for (std::size_t i = 0; i < m.generators.size(); ++i) {
    const bool integer = m.generators[i].arithmetic == Arithmetic::kInteger;
    for (const Layer& layer : m.generators[i].layers) {
      if ((integer && has_phase(layer.activation)) != (layer.frequency > 0)) {
        return refuse("generator.frequency",
                      numbered("generator", i) + ": frequency is above 0 for integer sine layers, else 0");
      }
    }
  }
  return {};
}

Status generator_float(const Manifest& m) {
  const auto allowed = [](const Layer& layer, bool is_float32) {
    return fits(layer.turns, is_float32 && has_phase(layer.activation)) &&
           fits(layer.weights_scale, is_float32 && !layer.weights_segment) && layer.weights_scale >= 0 &&
           (is_float32 ? is_float(layer.weights_type) : layer.weights_type == DType::kF32 && !layer.bias_segment);
  };
  for (std::size_t i = 0; i < m.generators.size(); ++i) {
    const Generator& generator = m.generators[i];
    const bool is_float32 = generator.arithmetic == Arithmetic::kFloat32;
    if ((generator.unit_norm && !is_float32) ||
        !std::ranges::all_of(generator.layers, [&](const Layer& layer) { return allowed(layer, is_float32); })) {
      return refuse("generator.float", numbered("generator", i) +
                                           ": turns, weights_scale, weights_type, bias or unit_norm do not fit its "
                                           "arithmetic and layers");
    }
  }
  return {};
}

// Keeps every sum of the float32 arithmetic far from overflow, that of the squares of a unit norm too.
Status generator_inputs(const Manifest& m) {
  constexpr std::uint32_t kMaxInputs = std::uint32_t{1} << 20;
  for (std::size_t i = 0; i < m.generators.size(); ++i) {
    const Generator& generator = m.generators[i];
    if (generator.arithmetic == Arithmetic::kInteger) continue;
    for (std::size_t l = 0; l < generator.layers.size(); ++l) {
      if (generator.n_in(l) > kMaxInputs) {
        return refuse("generator.inputs", numbered("generator", i) + ": a float32 layer has at most 2^20 inputs");
      }
    }
    if (generator.unit_norm && generator.chunk_dim() > kMaxInputs) {
      return refuse("generator.inputs", numbered("generator", i) + ": at most 2^20 outputs can be of unit norm");
    }
  }
  return {};
}

// How far the accumulator of an identity layer can reach: its inputs are codes, or int8 activations of a layer before.
Status generator_bound(const Manifest& m) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 31;
  constexpr std::uint64_t kMaxWeight = 128;
  for (std::size_t i = 0; i < m.codes.size(); ++i) {
    const Generator& generator = m.generators[m.codes[i].generator];
    if (generator.arithmetic == Arithmetic::kFloat32 || has_phase(generator.layers.back().activation)) {
      continue;
    }
    const std::uint64_t code_range = m.codes[i].alpha_type == AlphaType::kInt8 ? 128 : 32768;
    const std::uint64_t input_range = generator.layers.size() == 1 ? code_range : 127;
    if (generator.n_in(generator.layers.size() - 1) * kMaxWeight * input_range >= kLimit) {
      return refuse("generator.bound", numbered("codes", i) + ": outputs of the generator can reach 2^31");
    }
  }
  return {};
}

Status generator_use(const Manifest& m) {
  std::vector<bool> used(m.generators.size(), false);
  for (const Codes& codes : m.codes) used[codes.generator] = true;
  const auto unused = std::ranges::find(used, false);
  if (unused == used.end()) return {};
  return refuse("generator.use",
                numbered("generator", static_cast<std::size_t>(unused - used.begin())) + " is used by no codes");
}

}  // namespace mcnc::rules
