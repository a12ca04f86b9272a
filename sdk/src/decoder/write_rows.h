// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// theta0 + rows, tile by tile, to elements of a tensor.
#ifndef MCNC_DECODER_WRITE_ROWS_H_
#define MCNC_DECODER_WRITE_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "decoder/rows.h"
#include "kernels/kernels.h"
#include "mcnc/manifest.h"

namespace mcnc {

// A run of elements of a tensor that are consecutive among the weights of its rows.
struct Run {
  std::uint64_t element = 0;   // the first, in the tensor
  std::uint64_t position = 0;  // the same, among the weights of all rows
  std::uint64_t count = 0;
};

struct Destination {
  DType dtype = DType::kF32;  // f32, f16 or bf16
  std::byte* bytes = nullptr;
  bool past_cache = false;  // see Kernels::narrow
};

// w += rows: the weights [position, position + w.size()) of all rows, without theta0 and as floats.
void add_rows(RowMaker& maker, std::uint64_t position, std::span<float> w);

// theta0_stored: see fill_theta0.
void write_rows(const Kernels& kernels, RowMaker& maker, const Theta0& theta0, std::span<const std::byte> theta0_stored,
                const Run& run, const Destination& destination);

}  // namespace mcnc

#endif  // MCNC_DECODER_WRITE_ROWS_H_
