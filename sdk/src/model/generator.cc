// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "model/generator.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "mcnc/checked_math.h"
#include "mcnc/cost.h"

namespace mcnc {
namespace {

template <typename T>
std::uint64_t bytes_of(const std::vector<AlignedVector<T>>& packed) noexcept {
  std::uint64_t bytes = 0;
  for (const AlignedVector<T>& layer : packed) bytes += layer.size() * sizeof(T);
  return bytes;
}

}  // namespace

PackedInteger::PackedInteger(const Kernels& with, const ExpandedGenerator& generator, bool wide_alpha)
    : kernels(&with) {
  for (const ExpandedLayer& layer : generator.layers) {
    IntegerLayer& out = layers.emplace_back(IntegerLayer{.n_in = layer.n_in,
                                                         .width = layer.width,
                                                         .activation = layer.activation,
                                                         .frequency = layer.frequency,
                                                         .wide_inputs = wide_alpha && layers.empty()});
    packed_.emplace_back(with.integer_packed_size(out));
    with.pack_integer(out, layer.weights.data(), packed_.back().data());
    out.packed = packed_.back().data();
  }
}

std::uint64_t PackedInteger::bytes() const noexcept { return bytes_of(packed_); }

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
    FloatLayer& out = layers.emplace_back(FloatLayer{.n_in = generator.n_in(l),
                                                     .width = layer.width,
                                                     .activation = layer.activation,
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

std::uint64_t PackedFloat::bytes() const noexcept { return bytes_of(packed_); }

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

PackedMatrix::PackedMatrix(const Kernels& with, const float* weights, std::size_t n_in, std::size_t width)
    : kernels(&with), layer{.n_in = n_in, .width = width, .activation = Activation::kIdentity} {
  packed_.resize(with.float_packed_size(layer));
  with.pack_float(layer, weights, nullptr, packed_.data());
  layer.packed = packed_.data();
}

}  // namespace mcnc
