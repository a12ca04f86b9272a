// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "generator/packed_generator.h"

#include <algorithm>
#include <cstring>

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

PackedFloat::PackedFloat(const Kernels& with, const FloatGenerator& generator)
    : kernels(&with), unit_norm(generator.unit_norm) {
  for (const FloatLayer& layer : generator.layers) {
    PackedFloatLayer& out = layers.emplace_back(PackedFloatLayer{.n_in = layer.n_in,
                                                                 .width = layer.width,
                                                                 .sine = layer.activation == Activation::kSine,
                                                                 .turns = layer.turns,
                                                                 .has_bias = !layer.bias.empty()});
    packed_.emplace_back(with.float_packed_size(out));
    with.pack_float(out, layer.weights.data(), layer.bias.data(), packed_.back().data());
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

Digest fingerprint(const FloatGenerator& generator, const PackedFloat& packed, std::uint64_t seed) {
  const PackedFloatLayer& last = packed.layers.back();
  AlignedVector<float> y(whole_blocks(last.width));
  RowBuffer<float> x;
  x.resize(1, packed.code_stride());
  std::array<RowBuffer<float>, 2> hidden;
  return fingerprint(generator, seed, [&](std::span<const float> alpha, std::span<float> g) {
    std::ranges::copy(alpha, x.row(0));
    packed.kernels->float_layer(last, packed.run_hidden(x, hidden).rows(), 0, last.width, y.data(), y.size());
    std::copy_n(y.begin(), g.size(), g.begin());
    if (packed.unit_norm) normalize(g);
  });
}

PackedMatrix::PackedMatrix(const Kernels& with, const float* weights, std::size_t n_in, std::size_t width)
    : kernels(&with), layer{.n_in = n_in, .width = width, .sine = false} {
  packed_.resize(with.float_packed_size(layer));
  with.pack_float(layer, weights, nullptr, packed_.data());
  layer.packed = packed_.data();
}

}  // namespace mcnc
