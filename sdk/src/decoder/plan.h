// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// How a tensor is cut up to be decoded:
//   window  what is made, hashed and handed over at a time: some pieces, made side by side
//   piece   what one thread makes at a time
//   run     a part of a piece whose elements follow one another among the weights that tiles are made of
#ifndef MCNC_DECODER_PLAN_H_
#define MCNC_DECODER_PLAN_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "manifest/slices.h"
#include "model/generator.h"

namespace mcnc {

struct Run {
  std::uint64_t element = 0;   // the first, in the tensor
  std::uint64_t position = 0;  // the same, among the weights of all chunks, or of the product
  std::uint64_t count = 0;
};

// A plain value; its functions may be called from several threads at once.
class Plan {
 public:
  // Of a stored tensor or a product: a piece may end anywhere, and its elements are one run.
  explicit Plan(std::uint64_t elements) noexcept : elements_(elements) {}
  // Of a tensor that is made of chunks of `generator`. slices: where its elements lie among the weights of its codes.
  Plan(std::uint64_t elements, const PackedGenerator& generator, const Slices& slices) noexcept;

  // Where a piece that starts at element `first` should end: one that a cache holds, but not within a chunk, of which
  // every piece would make the hidden layers anew, and with as many chunks as are best made together.
  std::uint64_t piece_end(std::uint64_t first) const noexcept;

  // Where a window that starts at element `first` ends: as many pieces as keep `threads` threads busy, and `least`
  // elements or more unless the tensor ends before.
  std::uint64_t window_end(std::size_t threads, std::uint64_t first, std::uint64_t least) const noexcept;

  // visit(Run) for the runs of elements [first, first + count), in order.
  template <typename Visit>
  void each_run(std::uint64_t first, std::uint64_t count, const Visit& visit) const {
    if (!slices_) {
      visit(Run{first, first, count});
      return;
    }
    for (const std::uint64_t end = first + count; first < end;) {
      const Run run{first, slices_->position(first), std::min(end - first, slices_->run(first))};
      visit(run);
      first += run.count;
    }
  }

 private:
  std::uint64_t elements_;
  // Of chunks:
  std::optional<Slices> slices_;
  std::uint64_t chunk_dim_ = 0;
  std::uint64_t together_ = 0;     // weights that are best made together, at least
  bool splits_chunks_ = false;     // whether parts of a chunk cost no more than the whole
};

}  // namespace mcnc

#endif  // MCNC_DECODER_PLAN_H_
