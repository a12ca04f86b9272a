// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "import_model.h"
#include "mcnc/convert.h"
#include "mcnc/cost.h"
#include "mcnc/ranges.h"
#include "mcnc/units.h"
#include "permute.h"

namespace mcnc::tools {
namespace {

constexpr char kRule[] = "generator.weights";

// (columns, rows) of a matrix (rows, columns).
template <typename T>
std::vector<T> transposed(const std::vector<T>& matrix, std::size_t rows, std::size_t columns) {
  std::vector<T> turned(matrix.size());
  permute(std::as_bytes(std::span(matrix)), std::array<std::uint64_t, 2>{rows, columns},
          std::array<std::uint32_t, 2>{1, 0}, sizeof(T), std::as_writable_bytes(std::span(turned)));
  return turned;
}

// The width of the layer, from the shape of its weights.
Result<std::uint32_t> width_of(const Array& weights, const RecipeLayer& layer, std::uint32_t n_in) {
  const std::vector<std::uint64_t>& shape = weights.shape();
  const std::string inputs = std::to_string(n_in);
  const std::string width = layer.width ? std::to_string(*layer.width) : "width";
  const auto fits = [&](std::size_t inputs_at) {
    return shape.size() == 2 && shape[inputs_at] == n_in && shape[1 - inputs_at] >= 1 &&
           shape[1 - inputs_at] <= (std::uint64_t{1} << 28) && (!layer.width || shape[1 - inputs_at] == *layer.width);
  };
  const std::size_t inputs_at = layer.transposed ? 1 : 0;
  if (fits(inputs_at)) return static_cast<std::uint32_t>(shape[1 - inputs_at]);
  const std::string needed = layer.transposed ? "layout torch needs (width, inputs), " + width + " x " + inputs
                                              : "layout input_major needs (inputs, width), " + inputs + " x " + width;
  const std::string other = layer.transposed ? "input_major" : "torch";
  return weights.refuse(needed + (fits(1 - inputs_at) ? " (layout " + other + " would fit)" : ""));
}

// (n_in, width), as the segment has them.
Result<std::vector<std::byte>> weight_bytes(const Array& weights, bool is_transposed, std::uint32_t n_in,
                                            std::uint32_t width, DType type) {
  if (type == DType::kI8) {
    Result<std::vector<std::byte>> bytes = weights.bytes();
    if (!bytes.ok() || !is_transposed) return bytes;
    return transposed(*bytes, width, n_in);
  }
  Result<std::vector<float>> numbers = weights.numbers(std::min(kMaxFloat, largest_of(type)), kRule);
  if (!numbers.ok()) return numbers.status();
  if (is_transposed) numbers = transposed(*numbers, width, n_in);
  std::vector<std::byte> bytes(numbers->size() * size_of(type));
  narrow(*numbers, type, bytes);
  return bytes;
}

Result<Layer> import_layer(Import& import, const RecipeLayer& recipe, Arithmetic arithmetic, std::uint32_t n_in) {
  Layer layer;
  layer.width = recipe.width.value_or(0);
  layer.activation = recipe.activation;
  layer.frequency = recipe.frequency;
  layer.turns = recipe.turns;
  layer.weights_scale = recipe.weights_scale;
  if (recipe.weights) {
    const Result<Array> weights = import.arrays.find(*recipe.weights);
    if (!weights.ok()) return weights.status();
    const Result<std::uint32_t> width = width_of(*weights, recipe, n_in);
    if (!width.ok()) return width.status();
    layer.width = *width;
    const bool integer = arithmetic == Arithmetic::kInteger;
    const DType dtype = weights->dtype();
    if (integer ? dtype != DType::kI8 : !is_float(dtype)) {
      return weights->refuse(integer ? "the weights of integer arithmetic are I8" : "weights are F32, F16 or BF16");
    }
    if (!integer) layer.weights_type = recipe.weights_type.value_or(dtype);
    Result<std::vector<std::byte>> bytes =
        weight_bytes(*weights, recipe.transposed, n_in, layer.width, integer ? DType::kI8 : layer.weights_type);
    if (!bytes.ok()) return bytes.status();
    layer.weights_segment = import.add_segment(*std::move(bytes));
  }
  if (recipe.bias) {
    const Result<Array> bias = import.arrays.find(*recipe.bias);
    if (!bias.ok()) return bias.status();
    if (bias->shape() != std::vector<std::uint64_t>{layer.width}) {
      return bias->refuse("a bias has one number for each of the layer's " + counted(layer.width, "output") + ", so " +
                          std::to_string(layer.width) + " is needed");
    }
    const Result<std::vector<float>> numbers = bias->numbers(kMaxFloat, kRule);
    if (!numbers.ok()) return numbers.status();
    std::vector<std::byte> bytes(numbers->size() * sizeof(float));
    narrow(*numbers, DType::kF32, bytes);
    layer.bias_segment = import.add_segment(std::move(bytes));
  }
  return layer;
}

// The format's bounds on how many numbers the float32 arithmetic sums up.
Status check_width(const RecipeGenerator& recipe, std::size_t layer, std::uint32_t width) {
  constexpr std::uint32_t kMost = std::uint32_t{1} << 20;
  if (recipe.arithmetic == Arithmetic::kInteger || width <= kMost) return {};
  const std::string& path = recipe.layers[layer].path;
  const std::string has = "it has " + counted(width, "output") + "; ";
  if (layer + 1 < recipe.layers.size()) return mistake(path, has + "a float32 layer takes at most 1,048,576 inputs");
  if (recipe.unit_norm) return mistake(path, has + "at most 1,048,576 of them can be of unit norm");
  return {};
}

}  // namespace

Status import_generators(Import& import) {
  for (const RecipeGenerator& recipe : import.recipe.generators) {
    Generator generator;
    generator.arithmetic = recipe.arithmetic;
    generator.code_dim = recipe.code_dim;
    generator.seed = recipe.seed;
    generator.unit_norm = recipe.unit_norm;
    for (const RecipeLayer& each : recipe.layers) {
      const std::uint32_t n_in = generator.n_in(generator.layers.size());
      const Result<Layer> layer = import_layer(import, each, recipe.arithmetic, n_in);
      if (!layer.ok()) return layer.status();
      if (Status s = check_width(recipe, generator.layers.size(), layer->width); !s.ok()) return s;
      generator.layers.push_back(*layer);
    }
    const std::uint64_t bytes = generator_bytes(generator).value();
    if (bytes > import.limits.scratch_bytes) {
      return at(recipe.path, {ErrorCode::kLimit, "limit.scratch",
                              "its weights take " + std::to_string(bytes) + " bytes of memory, the limit is " +
                                  std::to_string(import.limits.scratch_bytes)});
    }
    import.model.manifest.generators.push_back(std::move(generator));
  }
  return {};
}

}  // namespace mcnc::tools
