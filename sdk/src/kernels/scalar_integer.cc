// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/scalar_integer.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "arithmetic/activation.h"
#include "arithmetic/sine.h"
#include "arithmetic/unfused.h"

namespace mcnc::scalar {
namespace {

std::int32_t input(const IntegerLayer& layer, const std::byte* x, std::size_t i) {
  if (!layer.wide_inputs) return static_cast<std::int8_t>(x[i]);
  std::int16_t wide;
  std::memcpy(&wide, x + 2 * i, sizeof(wide));
  return wide;
}

}  // namespace

BlockSums integer_sums(const IntegerLayer& layer, std::size_t block, const std::byte* x) {
  BlockSums acc{};
  const auto* weights = reinterpret_cast<const std::int8_t*>(layer.packed) + block * layer.n_in * kBlock;
  for (std::size_t i = 0; i < layer.n_in; ++i, weights += kBlock) {
    const auto value = static_cast<std::uint32_t>(input(layer, x, i));
    for (std::size_t j = 0; j < kBlock; ++j) acc[j] += static_cast<std::uint32_t>(weights[j]) * value;
  }
  return acc;
}

std::size_t integer_packed_size(const IntegerLayer& layer) {
  return std::size_t{layer.n_in} * whole_blocks(layer.width);
}

void pack_integer(const IntegerLayer& layer, const std::int8_t* weights, std::byte* packed) {
  for (std::size_t first = 0; first < layer.width; first += kBlock) {
    const std::size_t n = std::min<std::size_t>(kBlock, layer.width - first);
    for (std::size_t i = 0; i < layer.n_in; ++i, packed += kBlock) {
      std::memset(packed, 0, kBlock);
      std::memcpy(packed, weights + i * layer.width + first, n);
    }
  }
}

void integer_hidden(const IntegerLayer& layer, Rows<const std::byte> x, Rows<std::byte> h) {
  for (std::size_t block = 0; block < whole_blocks(layer.width) / kBlock; ++block) {
    for (std::size_t row = 0; row < x.count; ++row) {
      const BlockSums acc = integer_sums(layer, block, x[row]);
      for (std::size_t j = 0; j < kBlock; ++j) {
        const auto output = static_cast<std::int16_t>(activate(layer.activation, layer.frequency, acc[j]));
        h[row][block * kBlock + j] = static_cast<std::byte>(narrow_activation(output));
      }
    }
  }
}

void integer_expand(const IntegerLayer& layer, Rows<const std::byte> x, std::size_t first, std::size_t n,
                    const Accumulate& how, float* w, std::size_t w_stride) {
  std::array<std::int32_t, kBlock> g;
  for (std::size_t at = 0; at < n; at += kBlock) {
    for (std::size_t row = 0; row < x.count; ++row) {
      const BlockSums acc = integer_sums(layer, (first + at) / kBlock, x[row]);
      for (std::size_t j = 0; j < kBlock; ++j) {
        g[j] = activate(layer.activation, layer.frequency, acc[j]);
      }
      const std::span out(w + row * w_stride + at, kBlock);
      if (how.from_constant) std::ranges::fill(out, how.constant);
      add_unfused<std::int32_t>(how.beta[row], g, out);
    }
  }
}

void integer_slopes(const IntegerLayer& layer, Rows<const std::byte> x, float scale, Rows<float> slopes) {
  for (std::size_t block = 0; block < whole_blocks(layer.width) / kBlock; ++block) {
    for (std::size_t row = 0; row < x.count; ++row) {
      const BlockSums acc = integer_sums(layer, block, x[row]);
      for (std::size_t j = 0; j < kBlock; ++j) {
        slopes[row][block * kBlock + j] = scale * static_cast<float>(slope(layer.activation, layer.frequency, acc[j]));
      }
    }
  }
}

}  // namespace mcnc::scalar
