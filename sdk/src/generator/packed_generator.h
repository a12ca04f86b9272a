// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A generator laid out for the kernels that expand it. generator/reference.h and float_generator.h say what it
// computes.
#ifndef MCNC_GENERATOR_PACKED_GENERATOR_H_
#define MCNC_GENERATOR_PACKED_GENERATOR_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "base/aligned_vector.h"
#include "generator/expanded.h"
#include "generator/float_generator.h"
#include "kernels/kernels.h"

namespace mcnc {

// Rows that kernels read and write: (count, stride), aligned.
template <typename T>
struct RowBuffer {
  AlignedVector<T> data;
  std::size_t stride = 0;
  std::size_t count = 0;

  // Zeros.
  void reset(std::size_t rows, std::size_t row_stride) {
    data.assign(rows * row_stride, T{});
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

  // Rows of codes, zeros.
  RowBuffer<std::byte> code_rows(std::size_t count) const;
  // A code, (code_dim), as row r of code_rows().
  void set_code(RowBuffer<std::byte>& x, std::size_t r, std::span<const std::int32_t> alpha) const;
  // Makes the inputs of the first layer those of the last one.
  void run_hidden(RowBuffer<std::byte>& x) const;

  const Kernels* kernels;
  std::vector<IntegerLayer> layers;

 private:
  std::size_t input_size() const noexcept { return layers.front().wide_inputs ? 2 : kernels->activation_size; }

  std::vector<AlignedVector<std::byte>> packed_;  // of layers; its memory stays where it is when this is moved
};

struct PackedFloat {
  PackedFloat(const Kernels& with, const FloatGenerator& generator);

  // Rows of codes, zeros: (count, code_dim).
  RowBuffer<float> code_rows(std::size_t count) const;
  // Makes the inputs of the first layer those of the last one.
  void run_hidden(RowBuffer<float>& x) const;

  const Kernels* kernels;
  std::vector<PackedFloatLayer> layers;
  bool unit_norm;

 private:
  std::vector<AlignedVector<float>> packed_;
};

// The layer w = weights * x of a matrix (n_in, width), row-major.
struct PackedMatrix {
  PackedMatrix(const Kernels& with, const float* weights, std::size_t n_in, std::size_t width);

  const Kernels* kernels;
  PackedFloatLayer layer;

 private:
  AlignedVector<float> packed_;
};

// The fingerprint of the generator that was packed, its probes expanded by the kernels.
Digest fingerprint(const FloatGenerator& generator, const PackedFloat& packed, std::uint64_t seed);

using PackedGenerator = std::variant<PackedInteger, PackedFloat>;

}  // namespace mcnc

#endif  // MCNC_GENERATOR_PACKED_GENERATOR_H_
