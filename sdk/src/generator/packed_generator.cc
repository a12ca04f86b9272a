// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "generator/packed_generator.h"

#include <algorithm>
#include <cstring>
#include <utility>

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

RowBuffer<std::byte> PackedInteger::code_rows(std::size_t count) const {
  RowBuffer<std::byte> x;
  x.reset(count, whole_blocks(layers.front().n_in * input_size()));
  return x;
}

void PackedInteger::set_code(RowBuffer<std::byte>& x, std::size_t r, std::span<const std::int32_t> alpha) const {
  std::byte* row = x.row(r);
  for (std::size_t i = 0; i < alpha.size(); ++i) {
    if (input_size() == 1) {
      row[i] = static_cast<std::byte>(alpha[i]);
    } else {
      const auto value = static_cast<std::int16_t>(alpha[i]);
      std::memcpy(row + 2 * i, &value, sizeof(value));
    }
  }
}

void PackedInteger::run_hidden(RowBuffer<std::byte>& x) const {
  RowBuffer<std::byte> h;
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
    h.reset(x.count, whole_blocks(layers[l].width) * kernels->activation_size);
    kernels->integer_hidden(layers[l], std::as_const(x).rows(), h.rows());
    std::swap(x, h);
  }
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

RowBuffer<float> PackedFloat::code_rows(std::size_t count) const {
  RowBuffer<float> x;
  x.reset(count, whole_blocks(layers.front().n_in));
  return x;
}

void PackedFloat::run_hidden(RowBuffer<float>& x) const {
  RowBuffer<float> h;
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
    h.reset(x.count, whole_blocks(layers[l].width));
    kernels->float_layer(layers[l], std::as_const(x).rows(), 0, layers[l].width, h.data.data(), h.stride);
    std::swap(x, h);
  }
}

Digest fingerprint(const FloatGenerator& generator, const PackedFloat& packed, std::uint64_t seed) {
  const PackedFloatLayer& last = packed.layers.back();
  AlignedVector<float> y(whole_blocks(last.width));
  return fingerprint(generator, seed, [&](std::span<const float> alpha, std::span<float> g) {
    RowBuffer<float> x = packed.code_rows(1);
    std::ranges::copy(alpha, x.row(0));
    packed.run_hidden(x);
    packed.kernels->float_layer(last, std::as_const(x).rows(), 0, last.width, y.data(), y.size());
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
