// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/models.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <random>
#include <utility>

#include "mcnc/convert.h"
#include "mcnc/writer.h"

namespace mcnc::tools {
namespace {

constexpr std::uint64_t kColumns = 4096;  // of products

Generator integer_generator(std::uint32_t code_dim, std::initializer_list<Layer> layers) {
  return {.arithmetic = Arithmetic::kInteger, .code_dim = code_dim, .seed = 1, .layers = layers};
}

// Weights as wide as keeps sums at about 1, phases in radians: what trainers start from.
Generator float_generator(std::uint32_t code_dim, std::initializer_list<std::uint32_t> widths, Activation activation) {
  Generator generator{.arithmetic = Arithmetic::kFloat32, .code_dim = code_dim, .seed = 1, .layers = {}};
  for (const std::uint32_t width : widths) {
    Layer layer;
    layer.width = width;
    layer.activation = activation;
    layer.turns = activation == Activation::kSine ? 0.15915494F : 0;
    layer.weights_scale = 1 / std::sqrt(static_cast<float>(generator.n_in(generator.layers.size())));
    generator.layers.push_back(layer);
  }
  return generator;
}

std::uint32_t add_segment(Model& model, std::vector<std::byte> bytes) {
  model.segments.push_back(std::move(bytes));
  return static_cast<std::uint32_t>(model.segments.size() - 1);
}

// Codes for `weights` weights of the one generator.
void add_codes(Model& model, std::uint64_t weights) {
  const Generator& generator = model.manifest.generators.front();
  std::mt19937 random(1);
  Codes codes;
  codes.chunks = (weights + generator.chunk_dim() - 1) / generator.chunk_dim();
  std::vector<std::byte> alpha(static_cast<std::size_t>(codes.chunks * generator.code_dim));
  for (std::byte& a : alpha) a = static_cast<std::byte>(random());
  codes.alpha_segment = add_segment(model, std::move(alpha));
  if (generator.arithmetic == Arithmetic::kFloat32) codes.alpha_scale = 0x1p-6F;

  std::vector<float> values(static_cast<std::size_t>(codes.chunks));
  for (float& value : values) value = static_cast<float>(random()) * 0x1p-31F - 1;
  std::vector<std::byte> beta(values.size() * size_of(DType::kBf16));
  narrow(values, DType::kBf16, beta);
  codes.beta_type = BetaType::kBf16;
  codes.beta_exponent = generator.arithmetic == Arithmetic::kInteger ? -15 : -5;
  codes.beta_segment = add_segment(model, std::move(beta));
  model.manifest.codes = {codes};
}

}  // namespace

std::vector<BenchModel> bench_models() {
  const Generator short_chunks = integer_generator(9, {{.width = 1024, .frequency = 1U << 19}});
  const Generator long_chunks = integer_generator(9, {{.width = 4096, .frequency = 1U << 19}});
  const Generator deep = integer_generator(9, {{.width = 256, .frequency = 1U << 19},
                                               {.width = 256, .frequency = 1U << 12},
                                               {.width = 1024, .activation = Activation::kIdentity}});
  return {
      {.name = "sine1-9-1024-f32", .generator = short_chunks},
      {.name = "sine1-9-1024-f32-theta0", .generator = short_chunks, .theta0 = Uniform{2, 0, 0x1p-20F}},
      {.name = "sine1-9-1024-bf16", .generator = short_chunks, .dtype = DType::kBf16},
      {.name = "sine1-9-1024-f16", .generator = short_chunks, .dtype = DType::kF16},
      {.name = "sine1-9-4096-f32", .generator = long_chunks},
      {.name = "sine3-9-256-256-1024-f32", .generator = deep, .slowness = 4},
      {.name = "float3-9-1000-1000-5000-f32",
       .generator = float_generator(9, {1000, 1000, 5000}, Activation::kSine),
       .slowness = 16},
      {.name = "linear-16-1600-f32", .generator = float_generator(16, {1600}, Activation::kIdentity)},
      {.name = "product-8-4096-f32", .generator = short_chunks, .rank = 8},
  };
}

Result<std::vector<std::byte>> write_bench_model(const BenchModel& model, std::uint64_t bytes) {
  Model file;
  file.manifest.generators = {model.generator};
  std::vector<Tensor>& tensors = file.manifest.tensors;
  const std::uint64_t elements = bytes / size_of(model.dtype);
  if (model.rank == 0) {
    add_codes(file, elements);
    tensors = {{kBenchTensor, model.dtype, {elements}, Generated{0, 0, model.theta0}}};
  } else {
    const std::uint64_t rows = std::max(elements / kColumns, std::uint64_t{1});
    add_codes(file, (rows + kColumns) * model.rank);
    tensors = {
        {.name = "b", .shape = {rows, model.rank}, .source = Generated{}, .factor = true},
        {.name = "a", .shape = {model.rank, kColumns}, .source = Generated{0, rows * model.rank, {}}, .factor = true},
        {kBenchTensor, model.dtype, {rows, kColumns}, Product{0, 1, 1, model.theta0}}};
  }
  WriteOptions options;
  options.zstd_level = 1;
  return serialize(std::move(file), options);
}

}  // namespace mcnc::tools
