// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <string>
#include <utility>

#include "cuda/backend/fingerprint.h"
#include "cuda/backend/generator.h"
#include "cuda/backend/grids.h"
#include "model/fingerprint.h"
#include "util/ceil_div.h"

namespace mcnc::cuda {
namespace {

constexpr unsigned kTile = 4;            // of cuda/kernels/expand_sine.h
constexpr unsigned kMostGroups = 4;      // of mcnc_expand_sine_*
constexpr unsigned kMatrixGroups = 8;    // what matrices are multiplied by in steps of
constexpr unsigned kMatrixColumns = 32;  // columns of a tile of matrices
static_assert(kMatrixColumns % (4 * kMatrixGroups) == 0, "outputs of a layer are inputs of the next one");

}  // namespace

Result<IntegerGenerator> IntegerGenerator::load(Device& device, Parts& parts, std::size_t index) {
  const Generator& generator = parts.reader().manifest().generators[index];
  const Result<std::vector<std::vector<std::int8_t>>> stored = parts.stored_integers(index);
  if (!stored.ok()) return stored.status();
  return make(device, generator, *stored);
}

Result<IntegerGenerator> IntegerGenerator::make(Device& device, const Generator& generator,
                                                std::span<const std::vector<std::int8_t>> stored) {
  IntegerGenerator loaded;
  for (std::size_t l = 0; l < generator.layers.size(); ++l) {
    if (Status s = loaded.load_layer(device, generator, l, stored[l]); !s.ok()) return s;
  }
  const Result<Digest> made = loaded.fingerprint(device, generator.seed);
  if (Status s = check_fingerprint(made, generator); !s.ok()) return s;
  return loaded;
}

Status IntegerGenerator::load_layer(Device& device, const Generator& generator, std::size_t l,
                                    std::span<const std::int8_t> stored) {
  const mcnc::Layer& from = generator.layers[l];
  Layer& layer = layers_.emplace_back();
  layer.n_in = generator.n_in(l);
  layer.width = from.width;
  layer.stride = round_up(from.width, kMatrixColumns);
  layer.groups = ceil_div(layer.n_in, 4U);
  layer.even_groups = round_up(layer.groups, 2U);
  layer.matrix_groups = round_up(layer.groups, kMatrixGroups);
  layer.frequency = from.frequency;  // of identity it is 0
  const std::uint64_t count = std::uint64_t{layer.n_in} * layer.width;
  const std::uint64_t words = std::uint64_t{layer.matrix_groups} * layer.stride;
  Buffer<std::int8_t> plain;  // (n_in, width)
  if (Status s = plain.reserve(device, count); !s.ok()) return s;
  if (Status s = layer.weights.reserve(device, words); !s.ok()) return s;
  const Status filled = from.weights_segment ? device.upload(std::as_bytes(stored), plain.data())
                                             : launch(device, "mcnc_draw_int8", flat_grid(device, ceil_div(count, 16)),
                                                      generator.seed, static_cast<unsigned>(l), count, plain.data());
  if (!filled.ok()) return filled;
  return launch(device, "mcnc_pack_weights", flat_grid(device, words), plain.data(), layer.n_in, layer.width,
                layer.matrix_groups, layer.stride, layer.weights.data());
}

Result<Digest> IntegerGenerator::fingerprint(Device& device, std::uint64_t seed) {
  const Layer& last = layers_.back();
  const unsigned code_dim = layers_.front().n_in;
  const Probes probe(seed, code_dim);
  std::vector<std::int8_t> codes;  // (code_dim, kProbes)
  codes.reserve(std::size_t{code_dim} * kProbes);
  for (unsigned i = 0; i < code_dim; ++i) {
    for (std::uint32_t t = 0; t < kProbes; ++t) codes.push_back(static_cast<std::int8_t>(probe(t, i)));
  }
  Buffer<std::int8_t> alpha;
  if (Status s = alpha.upload(device, codes); !s.ok()) return s;
  const Result<Inputs> inputs =
      run_hidden(device, alpha.data(), false, layers_.front().matrix_groups, kProbes, 0, kProbes);
  if (!inputs.ok()) return inputs.status();
  Buffer<int> outputs;
  return hash_probes(device, last.width, [&](unsigned first, unsigned count) -> Result<ProbeOutputs> {
    if (Status s = outputs.reserve(device, std::uint64_t{kProbes} * count); !s.ok()) return s;
    const Status s =
        launch(device, "mcnc_integer_outputs", matrix_grid(device, count, kProbes), last.weights.data(), last.stride,
               last.matrix_groups, last.frequency, inputs->words, kProbes, first, count, outputs.data());
    if (!s.ok()) return s;
    return ProbeOutputs{outputs.data(), count, count};
  });
}

std::uint64_t IntegerGenerator::bytes_of_code() const noexcept {
  const Layer& front = layers_.front();
  std::uint64_t bytes = std::max(8 * std::uint64_t{front.even_groups}, 4 * std::uint64_t{front.matrix_groups});
  for (const Layer& layer : layers_) bytes += layer.stride;
  return bytes;
}

bool IntegerGenerator::is_shallow(bool is_wide) const noexcept {
  return layers_.size() == 1 && !is_wide && layers_.back().frequency != 0 && layers_.back().groups <= kMostGroups;
}

unsigned IntegerGenerator::groups_of_code(bool is_wide) const noexcept {
  return is_shallow(is_wide) ? layers_.front().groups : layers_.front().groups_of(is_wide);
}

Result<IntegerGenerator::Inputs> IntegerGenerator::pack_codes(Device& device, const void* alpha, bool is_wide,
                                                              unsigned groups, std::uint64_t count, std::uint64_t first,
                                                              unsigned rows) {
  const std::uint64_t all = std::uint64_t{groups} * rows;
  if (Status s = codes_.reserve(device, is_wide ? 2 * all : all); !s.ok()) return s;
  if (Status s = launch(device, is_wide ? "mcnc_pack_codes_16" : "mcnc_pack_codes_8", flat_grid(device, all), alpha,
                        count, layers_.front().n_in, first, rows, groups, codes_.data());
      !s.ok()) {
    return s;
  }
  return Inputs{codes_.data(), is_wide};
}

Result<IntegerGenerator::Inputs> IntegerGenerator::run_layer(Device& device, std::size_t l, const Inputs& inputs,
                                                             unsigned rows, Buffer<int>& out) {
  const Layer& layer = layers_[l];
  if (Status s = out.reserve(device, std::uint64_t{rows} * (layer.stride / 4)); !s.ok()) return s;
  const Status s = launch(device, inputs.is_wide ? "mcnc_integer_hidden_16" : "mcnc_integer_hidden_8",
                          layer_grid(device, inputs.is_wide, layer.stride, rows), layer.weights.data(), layer.stride,
                          layer.groups_of(inputs.is_wide), layer.frequency, inputs.words, rows, out.data());
  if (!s.ok()) return s;
  return Inputs{out.data(), false};
}

Result<IntegerGenerator::Inputs> IntegerGenerator::run_hidden(Device& device, const void* alpha, bool is_wide,
                                                              unsigned groups, std::uint64_t count, std::uint64_t first,
                                                              unsigned rows) {
  Result<Inputs> inputs = pack_codes(device, alpha, is_wide, groups, count, first, rows);
  for (std::size_t l = 0; inputs.ok() && l + 1 < layers_.size(); ++l) {
    inputs = run_layer(device, l, *inputs, rows, hidden_.layers[l % 2]);
  }
  return inputs;
}

Status IntegerGenerator::expand(Device& device, const void* alpha, bool is_wide, std::uint64_t count,
                                const Window& window, const CodeRange& codes, const Target& target) {
  const Layer& last = layers_.back();
  const auto rows = static_cast<unsigned>(window.rows() * codes.per_chunk);
  const Result<Inputs> inputs = run_hidden(device, alpha, is_wide, groups_of_code(is_wide), count, codes.first, rows);
  if (!inputs.ok()) return inputs.status();
  if (is_shallow(is_wide)) {
    const std::string kernel =
        kernel_for("mcnc_expand_sine_", target.dtype, ("_" + std::to_string(last.groups)).c_str());
    return launch(device, kernel.c_str(), rows_grid(device, window.width, window.chunks, kTile, window.slices),
                  last.weights.data(), last.stride, last.frequency, inputs->words, codes.first_beta(), codes.beta_step,
                  codes.per_chunk, target.starts, target.constant, window.width, window.begin, window.count,
                  window.chunks, window.slice_chunks, window.slices, target.out);
  }
  const std::string kernel = kernel_for("mcnc_expand_integer_", target.dtype, inputs->is_wide ? "_16" : "_8");
  const Grid grid = layer_grid(device, inputs->is_wide, window.width, window.chunks, window.slices);
  return launch(device, kernel.c_str(), grid, last.weights.data(), last.stride, last.groups_of(inputs->is_wide),
                last.frequency, inputs->words, codes.first_beta(), codes.beta_step, codes.per_chunk, target.starts,
                target.constant, window.width, window.begin, window.count, window.chunks, window.slice_chunks,
                window.slices, target.out);
}

}  // namespace mcnc::cuda
