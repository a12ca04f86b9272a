// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A generator laid out for the kernels of one target: the layers that kernels take, and the memory with their packed
// weights. It does not change once it is made, so that any number of threads may use it.
#ifndef MCNC_MODEL_GENERATOR_H_
#define MCNC_MODEL_GENERATOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "kernels/kernels.h"
#include "mcnc/manifest.h"
#include "model/expanded.h"
#include "util/aligned_vector.h"

namespace mcnc {

// Rows that kernels read and write: (count, stride), aligned.
template <typename T>
struct RowBuffer {
  AlignedVector<T> data;
  std::size_t stride = 0;
  std::size_t count = 0;

  // Zeros, where its memory is new.
  void resize(std::size_t rows, std::size_t row_stride) {
    data.resize(rows * row_stride);
    stride = row_stride;
    count = rows;
  }
  T* row(std::size_t r) noexcept { return data.data() + r * stride; }
  Rows<T> rows() noexcept { return {data.data(), stride, count}; }
  Rows<const T> rows() const noexcept { return {data.data(), stride, count}; }
};

struct PackedInteger {
  // wide_alpha: its codes are int16, not int8.
  PackedInteger(const Kernels& with, const ExpandedGenerator& generator, bool wide_alpha);

  // Bytes of a number of a code, 1 or 2, and from one code to the next.
  std::size_t code_size() const noexcept { return layers.front().wide_inputs ? 2 : kernels->activation_size; }
  std::size_t code_stride() const noexcept { return whole_blocks(layers.front().n_in * code_size()); }
  // A code, (code_dim), as one of the rows that the first layer takes.
  void set_code(std::span<const std::int32_t> alpha, std::byte* row) const noexcept;
  // Of the packed weights.
  std::uint64_t bytes() const noexcept;
  // The inputs of the last layer, made of those of the first one: x itself or in `hidden`.
  const RowBuffer<std::byte>& run_hidden(const RowBuffer<std::byte>& x,
                                         std::array<RowBuffer<std::byte>, 2>& hidden) const;

  const Kernels* kernels;
  std::vector<IntegerLayer> layers;

 private:
  std::vector<AlignedVector<std::byte>> packed_;  // of layers; its memory stays where it is when this is moved
};

// What the file keeps of a layer of float32 arithmetic; empty where it is drawn or absent.
struct StoredLayer {
  std::vector<float> weights;  // (n_in, width), input-major
  std::vector<float> bias;     // (width)
};

struct PackedFloat {
  // Layers that the file keeps are taken from `stored`, one entry a layer; the others are drawn, once, or, if they are
  // too large for that (see is_drawn_anew), whenever they are needed. The manifest's rules hold.
  PackedFloat(const Kernels& with, const Generator& generator, std::vector<StoredLayer> stored);

  // Numbers from one code to the next.
  std::size_t code_stride() const noexcept { return whole_blocks(layers.front().n_in); }
  // Of the packed weights.
  std::uint64_t bytes() const noexcept;
  // The inputs of the last layer, made of those of the first one: x itself or in `hidden`.
  const RowBuffer<float>& run_hidden(const RowBuffer<float>& x, std::array<RowBuffer<float>, 2>& hidden) const;

  const Kernels* kernels;
  std::vector<FloatLayer> layers;
  bool unit_norm;

 private:
  std::vector<AlignedVector<float>> packed_;
};

// The layer w = weights * x of a matrix (n_in, width), row-major.
struct PackedMatrix {
  PackedMatrix(const Kernels& with, const float* weights, std::size_t n_in, std::size_t width);

  const Kernels* kernels;
  FloatLayer layer;

 private:
  AlignedVector<float> packed_;
};

using PackedGenerator = std::variant<PackedInteger, PackedFloat>;

}  // namespace mcnc

#endif  // MCNC_MODEL_GENERATOR_H_
