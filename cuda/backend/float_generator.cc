// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <string>
#include <utility>

#include "cuda/backend/fingerprint.h"
#include "cuda/backend/generator.h"
#include "cuda/backend/grids.h"
#include "mcnc/cost.h"
#include "model/fingerprint.h"
#include "util/ceil_div.h"

namespace mcnc::cuda {
namespace {

constexpr unsigned kRowsTogether = 4;                           // of float_layer.h and expand_float.h
constexpr unsigned kPartialSums = 16;                           // of unit_norm.h
constexpr std::uint64_t kDrawnBytes = std::uint64_t{64} << 20;  // of weights that nobody keeps, at a time
constexpr std::uint64_t kLeastDrawnColumns = 64;

// Rows of `width` floats with zeros up to `stride`.
std::vector<float> padded(std::span<const float> rows, std::size_t width, std::size_t stride) {
  std::vector<float> out(rows.size() / width * stride);
  for (std::size_t r = 0; r * width < rows.size(); ++r) {
    std::ranges::copy(rows.subspan(r * width, width), out.begin() + static_cast<std::ptrdiff_t>(r * stride));
  }
  return out;
}

}  // namespace

Result<FloatGenerator> FloatGenerator::load(Device& device, Parts& parts, std::size_t index) {
  const Generator& generator = parts.reader().manifest().generators[index];
  const Result<std::vector<StoredLayer>> stored = parts.stored_floats(index);
  if (!stored.ok()) return stored.status();
  FloatGenerator loaded;
  loaded.unit_norm_ = generator.unit_norm;
  for (std::size_t l = 0; l < generator.layers.size(); ++l) {
    if (Status s = loaded.load_layer(device, generator, l, (*stored)[l]); !s.ok()) return s;
  }
  const Result<Digest> made = loaded.fingerprint(device, generator.seed);
  if (Status s = check_fingerprint(made, generator); !s.ok()) return s;
  return loaded;
}

FloatGenerator FloatGenerator::of_matrix(Buffer<float> weights, unsigned n_in, unsigned width) {
  FloatGenerator generator;
  generator.layers_.push_back({.n_in = n_in,
                               .width = width,
                               .stride = round_up(width, 4U),
                               .is_sine = false,
                               .turns = 0,
                               .is_drawn = false,
                               .drawn = {},
                               .weights = std::move(weights),
                               .bias = {}});
  return generator;
}

Status FloatGenerator::load_layer(Device& device, const Generator& generator, std::size_t l,
                                  const StoredLayer& stored) {
  const mcnc::Layer& from = generator.layers[l];
  Layer& layer = layers_.emplace_back();
  layer.n_in = generator.n_in(l);
  layer.width = from.width;
  layer.stride = round_up(from.width, 4U);
  layer.is_sine = from.activation == Activation::kSine;
  layer.turns = from.turns;
  layer.is_drawn = is_drawn_anew(generator, l);
  layer.drawn = {generator.seed, static_cast<std::uint32_t>(l), from.weights_scale};
  if (from.bias_segment) {
    if (Status s = layer.bias.upload(device, padded(stored.bias, layer.width, layer.stride)); !s.ok()) return s;
  }
  if (layer.is_drawn) return {};
  if (from.weights_segment) return layer.weights.upload(device, padded(stored.weights, layer.width, layer.stride));
  const std::uint64_t count = std::uint64_t{layer.n_in} * layer.stride;
  if (Status s = layer.weights.reserve(device, count); !s.ok()) return s;
  return launch(device, "mcnc_draw_float", flat_grid(device, count / 4), layer.drawn.seed, layer.drawn.stream,
                layer.drawn.scale, layer.width, 0U, layer.width, layer.n_in, layer.stride, layer.weights.data());
}

Result<FloatGenerator::Columns> FloatGenerator::columns(Device& device, const Layer& layer, unsigned first,
                                                        unsigned most) {
  const float* bias = layer.bias.size() == 0 ? nullptr : layer.bias.data() + first;
  most = std::min(most, layer.width - first);
  if (!layer.is_drawn) return Columns{first, most, layer.stride, layer.weights.data() + first, bias};
  const std::uint64_t fit = std::max(kDrawnBytes / sizeof(float) / layer.n_in / 4 * 4, kLeastDrawnColumns);
  const auto count = static_cast<unsigned>(std::min<std::uint64_t>(fit, most));
  const unsigned stride = round_up(count, 4U);
  const std::uint64_t numbers = std::uint64_t{layer.n_in} * stride;
  if (Status s = drawn_.reserve(device, numbers); !s.ok()) return s;
  if (Status s = launch(device, "mcnc_draw_float", flat_grid(device, numbers / 4), layer.drawn.seed, layer.drawn.stream,
                        layer.drawn.scale, layer.width, first, count, layer.n_in, stride, drawn_.data());
      !s.ok()) {
    return s;
  }
  return Columns{first, count, stride, drawn_.data(), bias};
}

Status FloatGenerator::run_columns(Device& device, const Layer& layer, const Columns& part, const Codes& x,
                                   unsigned rows, float* y, std::uint64_t stride) {
  return launch(device, "mcnc_float_layer", rows_grid(device, part.count, rows, kRowsTogether), part.weights,
                part.stride, layer.n_in, part.bias, static_cast<unsigned>(layer.is_sine), layer.turns, x.data, x.step,
                x.code_step, rows, part.count, y, stride);
}

Status FloatGenerator::run_layer(Device& device, const Layer& layer, const Codes& x, unsigned rows, float* y) {
  for (unsigned first = 0; first < layer.width;) {
    const Result<Columns> part = columns(device, layer, first, layer.width);
    if (!part.ok()) return part.status();
    if (Status s = run_columns(device, layer, *part, x, rows, y + first, layer.stride); !s.ok()) return s;
    first += part->count;
  }
  return {};
}

Result<FloatGenerator::Codes> FloatGenerator::run_hidden(Device& device, const Codes& alpha, unsigned rows) {
  Codes x = alpha;
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    Buffer<float>& out = hidden_.layers[l % 2];
    if (Status s = out.reserve(device, std::uint64_t{rows} * layer.stride); !s.ok()) return s;
    if (Status s = run_layer(device, layer, x, rows, out.data()); !s.ok()) return s;
    x = {out.data(), 1, layer.stride};
  }
  return x;
}

Status FloatGenerator::run_normed(Device& device, const Codes& inputs, unsigned rows) {
  const Layer& last = layers_.back();
  const std::uint64_t sums = std::uint64_t{kPartialSums} * rows;
  if (Status s = y_.reserve(device, std::uint64_t{rows} * last.stride); !s.ok()) return s;
  if (Status s = sums_.reserve(device, sums); !s.ok()) return s;
  if (Status s = norms_.reserve(device, rows); !s.ok()) return s;
  if (Status s = run_layer(device, last, inputs, rows, y_.data()); !s.ok()) return s;
  const std::uint64_t stride = last.stride;
  if (Status s =
          launch(device, "mcnc_norm_sums", flat_grid(device, sums), y_.data(), stride, last.width, rows, sums_.data());
      !s.ok()) {
    return s;
  }
  return launch(device, "mcnc_norms", flat_grid(device, rows), sums_.data(), rows, norms_.data());
}

Result<Digest> FloatGenerator::fingerprint(Device& device, std::uint64_t seed) {
  const Layer& last = layers_.back();
  const unsigned code_dim = layers_.front().n_in;
  const Probes probe(seed, code_dim);
  std::vector<float> codes;  // (kProbes, code_dim)
  codes.reserve(std::size_t{code_dim} * kProbes);
  for (std::uint32_t t = 0; t < kProbes; ++t) {
    for (unsigned i = 0; i < code_dim; ++i) codes.push_back(static_cast<float>(probe(t, i)) * 0x1p-6F);
  }
  Buffer<float> alpha;
  if (Status s = alpha.upload(device, codes); !s.ok()) return s;
  const Result<Codes> inputs = run_hidden(device, {alpha.data(), 1, code_dim}, kProbes);
  if (!inputs.ok()) return inputs.status();
  if (unit_norm_) {
    if (Status s = run_normed(device, *inputs, kProbes); !s.ok()) return s;
    const std::uint64_t stride = last.stride;
    if (Status s = launch(device, "mcnc_divide", flat_grid(device, std::uint64_t{last.width} * kProbes), y_.data(),
                          stride, last.width, kProbes, norms_.data());
        !s.ok()) {
      return s;
    }
    return hash_probes(device, last.width, [&](unsigned first, unsigned most) -> Result<ProbeOutputs> {
      return ProbeOutputs{y_.data() + first, most, stride};
    });
  }
  Buffer<float> outputs;
  return hash_probes(device, last.width, [&](unsigned first, unsigned most) -> Result<ProbeOutputs> {
    const Result<Columns> part = columns(device, last, first, most);
    if (!part.ok()) return part.status();
    if (Status s = outputs.reserve(device, std::uint64_t{kProbes} * part->count); !s.ok()) return s;
    const Status s = run_columns(device, last, *part, *inputs, kProbes, outputs.data(), part->count);
    if (!s.ok()) return s;
    return ProbeOutputs{outputs.data(), part->count, part->count};
  });
}

std::uint64_t FloatGenerator::bytes_of_code() const noexcept {
  std::uint64_t numbers = 0;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    if (l + 1 < layers_.size() || unit_norm_) numbers += layers_[l].stride;
  }
  return sizeof(float) * numbers;
}

Status FloatGenerator::expand(Device& device, const Codes& alpha, const Window& window, const CodeRange& codes,
                              const Target& target) {
  const Layer& last = layers_.back();
  const auto rows = static_cast<unsigned>(window.rows() * codes.per_chunk);
  const Codes first = {alpha.data + codes.first * alpha.code_step, alpha.step, alpha.code_step};
  const Result<Codes> x = run_hidden(device, first, rows);
  if (!x.ok()) return x.status();
  if (unit_norm_) {
    if (Status s = run_normed(device, *x, rows); !s.ok()) return s;
    const std::string kernel = kernel_for("mcnc_expand_rows_", target.dtype);
    return launch(device, kernel.c_str(), rows_grid(device, window.width, window.chunks, 1, window.slices), y_.data(),
                  std::uint64_t{last.stride}, norms_.data(), codes.first_beta(), codes.beta_step, codes.per_chunk,
                  target.starts, target.constant, window.width, window.begin, window.count, window.chunks,
                  window.slice_chunks, window.slices, target.out);
  }
  const std::string kernel = kernel_for("mcnc_expand_float_", target.dtype);
  for (unsigned column = 0; column < last.width;) {
    const Result<Columns> part = columns(device, last, column, last.width);
    if (!part.ok()) return part.status();
    const Grid grid = rows_grid(device, part->count, window.chunks, kRowsTogether, window.slices);
    if (Status s =
            launch(device, kernel.c_str(), grid, part->weights, part->stride, last.n_in, part->bias,
                   static_cast<unsigned>(last.is_sine), last.turns, column, part->count, x->data, x->step, x->code_step,
                   codes.first_beta(), codes.beta_step, codes.per_chunk, target.starts, target.constant, window.width,
                   window.begin, window.count, window.chunks, window.slice_chunks, window.slices, target.out);
        !s.ok()) {
      return s;
    }
    column += part->count;
  }
  return {};
}

}  // namespace mcnc::cuda
