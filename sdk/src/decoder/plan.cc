// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decoder/plan.h"

#include <variant>

#include "decoder/chunk_tiles.h"

namespace mcnc {
namespace {

constexpr std::uint64_t kPieceElements = std::uint64_t{1} << 16;
// Of chunks that share a layer, hidden or drawn, as many are made together as is within reason.
constexpr std::uint64_t kMostTogether = std::uint64_t{1} << 20;
// Of many large pieces, a window has not more than that.
constexpr std::uint64_t kMostInWindow = std::uint64_t{1} << 24;

}  // namespace

Plan::Plan(std::uint64_t elements, const PackedGenerator& generator, const Slices& slices) noexcept
    : elements_(elements), slices_(slices) {
  bool shallow = false;
  std::visit(
      [&](const auto& phi) {
        chunk_dim_ = phi.layers.back().width;
        shallow = phi.layers.size() == 1;
      },
      generator);
  const auto* floats = std::get_if<PackedFloat>(&generator);
  splits_chunks_ = shallow && (floats == nullptr || !floats->unit_norm);
  const std::uint64_t chunks = std::min(kMostTogether, kRowsTogether * chunk_dim_);
  if (!shallow) {
    together_ = chunks;
  } else if (floats != nullptr && floats->layers.back().is_drawn) {
    together_ = std::min(chunks, elements / 8);  // leaves work for several threads
  }
}

std::uint64_t Plan::piece_end(std::uint64_t first) const noexcept {
  const std::uint64_t end = std::min(first + std::max(kPieceElements, together_), elements_);
  if (!slices_ || end == first) return end;
  const std::uint64_t last = end - 1;
  const std::uint64_t position = slices_->position(last) % chunk_dim_;
  const std::uint64_t run = slices_->run(last);  // to the end of the slice
  const std::uint64_t chunk_end = last + std::min(chunk_dim_ - position, run);
  if (!splits_chunks_ || chunk_end - end < kPieceElements) return chunk_end;
  return last + std::min(kBlock - position % kBlock, run);
}

std::uint64_t Plan::window_end(std::size_t threads, std::uint64_t first, std::uint64_t least) const noexcept {
  const std::size_t pieces = threads == 1 ? 1 : 2 * threads;
  std::uint64_t end = piece_end(first);
  for (std::size_t i = 1; i < pieces || end - first < least; ++i) {
    const std::uint64_t next = piece_end(end);
    if (next == end || next - first > kMostInWindow) break;
    end = next;
  }
  return end;
}

}  // namespace mcnc
