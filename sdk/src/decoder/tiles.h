// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Where weights come from: rows of one width, which are chunks of codes or rows of a product, made tile by tile.
#ifndef MCNC_DECODER_TILES_H_
#define MCNC_DECODER_TILES_H_

#include <cstddef>
#include <cstdint>

#include "kernels/kernels.h"

namespace mcnc {

struct Tile {
  std::size_t rows = 1;
  std::size_t columns = 0;
};

// It has scratch memory of its own: every thread needs one.
class TileSource {
 public:
  virtual ~TileSource() = default;

  // Columns of a row.
  virtual std::uint64_t width() const noexcept = 0;
  // Rows that are best begun together.
  virtual std::size_t batch() const noexcept = 0;
  // Of them, rows and columns that are best made together; columns is a multiple of kBlock.
  virtual Tile tile() const noexcept = 0;

  // Rows [row, row + count) are next; count is at most batch().
  virtual void begin(std::uint64_t row, std::size_t count) = 0;
  // Columns [first, first + n) of `count` of these rows, from the from-th on, added up in w. first is a multiple of
  // kBlock; rows of w are aligned, with room for whole blocks. how.beta is set here.
  virtual void add(std::size_t from, std::size_t count, std::size_t first, std::size_t n, Accumulate how, float* w,
                   std::size_t w_stride) = 0;
  // Whether add() takes how.elements of this type.
  virtual bool streams_elements(FloatType) const noexcept { return false; }
  // Whether add() sums up in all rows of w before it writes elements. Else w may have one row where they start from a
  // constant.
  virtual bool sums_in_w() const noexcept { return true; }
};

}  // namespace mcnc

#endif  // MCNC_DECODER_TILES_H_
