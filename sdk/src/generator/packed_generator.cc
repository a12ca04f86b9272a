// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "generator/packed_generator.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "generator/probes.h"
#include "manifest/cost.h"
#include "util/checked_math.h"
#include "util/run_pieces.h"

namespace mcnc {

PackedInteger::PackedInteger(const Kernels& with, const ExpandedGenerator& generator, bool wide_alpha)
    : kernels(&with) {
  for (const ExpandedLayer& layer : generator.layers) {
    IntegerLayer& out = layers.emplace_back(IntegerLayer{.n_in = layer.n_in,
                                                         .width = layer.width,
                                                         .sine = layer.activation == Activation::kSine,
                                                         .frequency = layer.frequency,
                                                         .wide_inputs = wide_alpha && layers.empty()});
    packed_.emplace_back(with.integer_packed_size(out));
    with.pack_integer(out, layer.weights.data(), packed_.back().data());
    out.packed = packed_.back().data();
  }
}

void PackedInteger::set_code(std::span<const std::int32_t> alpha, std::byte* row) const noexcept {
  for (std::size_t i = 0; i < alpha.size(); ++i) {
    if (code_size() == 1) {
      row[i] = static_cast<std::byte>(alpha[i]);
    } else {
      const auto value = static_cast<std::int16_t>(alpha[i]);
      std::memcpy(row + 2 * i, &value, sizeof(value));
    }
  }
}

const RowBuffer<std::byte>& PackedInteger::run_hidden(const RowBuffer<std::byte>& x,
                                                      std::array<RowBuffer<std::byte>, 2>& hidden) const {
  const RowBuffer<std::byte>* in = &x;
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
    RowBuffer<std::byte>& out = hidden[l % 2];
    out.resize(x.count, whole_blocks(layers[l].width) * kernels->activation_size);
    kernels->integer_hidden(layers[l], in->rows(), out.rows());
    in = &out;
  }
  return *in;
}

PackedFloat::PackedFloat(const Kernels& with, const Generator& generator, std::vector<StoredLayer> stored)
    : kernels(&with), unit_norm(generator.unit_norm) {
  for (std::uint32_t l = 0; l < generator.layers.size(); ++l) {
    const Layer& layer = generator.layers[l];
    const DrawnWeights drawn{generator.seed, l, layer.weights_scale};
    PackedFloatLayer& out = layers.emplace_back(PackedFloatLayer{.n_in = generator.n_in(l),
                                                                 .width = layer.width,
                                                                 .sine = layer.activation == Activation::kSine,
                                                                 .turns = layer.turns,
                                                                 .has_bias = layer.bias_segment.has_value(),
                                                                 .is_drawn = is_drawn_anew(generator, l),
                                                                 .drawn = drawn});
    // What it is packed from is gone before the next layer is looked at.
    const std::vector<float> bias = std::move(stored[l].bias);
    std::vector<float> weights = std::move(stored[l].weights);
    if (!layer.weights_segment && !out.is_drawn) {
      weights.resize(to_size(std::uint64_t{out.n_in} * out.width));
      with.draw_float(drawn.seed, drawn.stream, drawn.scale, weights.size(), weights.data());
    }
    packed_.emplace_back(with.float_packed_size(out));
    with.pack_float(out, weights.data(), bias.data(), packed_.back().data());
    out.packed = packed_.back().data();
  }
}

const RowBuffer<float>& PackedFloat::run_hidden(const RowBuffer<float>& x,
                                                std::array<RowBuffer<float>, 2>& hidden) const {
  const RowBuffer<float>* in = &x;
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
    RowBuffer<float>& out = hidden[l % 2];
    out.resize(x.count, whole_blocks(layers[l].width));
    kernels->float_layer(layers[l], in->rows(), 0, layers[l].width, out.data.data(), out.stride);
    in = &out;
  }
  return *in;
}

Result<Digest> fingerprint(const PackedFloat& generator, std::uint64_t seed, ParallelRunner& runner) {
  const PackedFloatLayer& last = generator.layers.back();
  RowBuffer<float> x;
  x.resize(kProbes, generator.code_stride());
  for (std::uint32_t t = 0; t < kProbes; ++t) {
    float_probe(seed, t, {x.row(t), generator.layers.front().n_in});
  }
  std::array<RowBuffer<float>, 2> hidden;
  const RowBuffer<float>& inputs = generator.run_hidden(x, hidden);

  // The outputs of a window of columns are made side by side; with unit norm that is all of them.
  constexpr std::size_t kColumns = 8 * kDrawnColumns;  // of a piece
  const std::size_t most = generator.unit_norm ? last.width : 2 * runner.threads() * kColumns;
  RowBuffer<float> y;
  ProbeHash hash;
  for (std::size_t first = 0; first < last.width; first += most) {
    const std::size_t n = std::min(most, last.width - first);
    y.resize(kProbes, whole_blocks(n));
    const Status status = run_pieces(runner, (n + kColumns - 1) / kColumns, [&](std::size_t piece) -> Status {
      const std::size_t from = piece * kColumns;
      generator.kernels->float_layer(last, inputs.rows(), first + from, std::min(kColumns, n - from),
                                     y.data.data() + from, y.stride);
      return {};
    });
    if (!status.ok()) return status;
    for (std::uint32_t t = 0; generator.unit_norm && t < kProbes; ++t) normalize({y.row(t), n});
    hash.update(n, [&](std::uint32_t t, std::size_t j) { return std::bit_cast<std::uint32_t>(y.row(t)[j]); });
  }
  return hash.finish();
}

PackedMatrix::PackedMatrix(const Kernels& with, const float* weights, std::size_t n_in, std::size_t width)
    : kernels(&with), layer{.n_in = n_in, .width = width, .sine = false} {
  packed_.resize(with.float_packed_size(layer));
  with.pack_float(layer, weights, nullptr, packed_.data());
  layer.packed = packed_.data();
}

}  // namespace mcnc
