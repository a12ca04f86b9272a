// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decoder/emit.h"

#include <algorithm>

#include "mcnc/convert.h"
#include "tensors/theta0.h"
#include "util/aligned_vector.h"

namespace mcnc {

void add_tiles(TileSource& tiles, std::uint64_t position, std::span<float> w) {
  const std::uint64_t width = tiles.width();
  const std::size_t columns = static_cast<std::size_t>(std::min<std::uint64_t>(tiles.tile().columns, width));
  AlignedVector<float> sums(whole_blocks(columns));
  while (!w.empty()) {
    const std::uint64_t begin = position % width;
    const auto end = static_cast<std::size_t>(std::min<std::uint64_t>(width, begin + w.size()));
    tiles.begin(position / width, 1);
    for (auto from = static_cast<std::size_t>(begin); from < end;) {
      const std::size_t first = from / kBlock * kBlock;
      const std::size_t to = std::min(first + sums.size(), end);
      const std::span part = w.first(to - from);
      std::ranges::copy(part, &sums[from - first]);
      tiles.add(0, 1, first, to - first, {}, sums.data(), sums.size());
      std::copy_n(&sums[from - first], part.size(), part.begin());
      w = w.subspan(part.size());
      from = to;
    }
    position += end - begin;
  }
}

void emit(const Kernels& kernels, TileSource& tiles, const Theta0& theta0, std::span<const std::byte> theta0_stored,
          const Run& run, const Destination& destination) {
  const std::uint64_t width = tiles.width();
  const std::size_t size = size_of(destination.dtype);
  const FloatType type = float_type_of(destination.dtype);
  const std::optional<float> constant = constant_theta0(theta0);
  // Whole rows may be streamed as they are made, with no copy between.
  const bool streams = destination.streaming && tiles.streams_elements(type) && width % kBlock == 0;
  const Accumulate how{.from_constant = constant.has_value(), .constant = constant.value_or(0.0F), .type = type};

  const Tile kept = tiles.tile();
  AlignedVector<float> w;

  std::uint64_t count = 0;
  for (std::uint64_t done = 0; done < run.count; done += count) {
    const std::uint64_t row = (run.position + done) / width;
    const std::uint64_t begin = (run.position + done) % width;
    const std::uint64_t left = run.count - done;
    const bool whole_rows = begin == 0 && left >= width;
    const std::uint64_t rows = whole_rows ? std::min<std::uint64_t>(tiles.batch(), left / width) : 1;
    const std::uint64_t end = whole_rows ? width : std::min(width, begin + left);
    count = rows * (end - begin);

    std::byte* const out = destination.bytes + static_cast<std::size_t>(done) * size;
    const bool stream = streams && whole_rows && reinterpret_cast<std::uintptr_t>(out) % 4 == 0;
    // With nothing to keep in the nearest cache but packed weights, the ends of tiles count for more.
    const bool directly = stream && constant && !tiles.sums_in_w();
    const Tile tile = directly ? Tile{tiles.batch(), 4 * kept.columns} : kept;
    const std::size_t columns = static_cast<std::size_t>(std::min<std::uint64_t>(tile.columns, whole_blocks(width)));
    w.resize(std::max(w.size(), columns * (directly ? 1 : tile.rows)));

    tiles.begin(row, static_cast<std::size_t>(rows));
    for (std::uint64_t top = 0; top < rows; top += tile.rows) {
      const auto height = static_cast<std::size_t>(std::min<std::uint64_t>(tile.rows, rows - top));
      for (std::uint64_t first = begin / kBlock * kBlock; first < end; first += columns) {
        const std::uint64_t from = std::max(first, begin);
        const std::uint64_t to = std::min(first + columns, end);
        const auto n = static_cast<std::size_t>(to - from);
        float* const start = w.data() + (from - first);
        // Element of the first number of row r of the tile, counted from the batch's.
        const auto element = [&](std::size_t r) { return (top + r) * width + (from - begin); };
        const auto place = [&](std::size_t r) { return out + static_cast<std::size_t>(element(r)) * size; };
        if (!constant) {
          const bool together = n == columns && columns == width;
          for (std::size_t r = 0; r < (together ? 1 : height); ++r) {
            const std::span row_of_w(start + r * columns, together ? height * n : n);
            fill_theta0(kernels, theta0, theta0_stored, run.element + done + element(r), row_of_w);
          }
        }
        Accumulate into = how;
        if (stream) {
          into.elements = place(0);
          into.elements_stride = static_cast<std::size_t>(width) * size;
        }
        tiles.add(static_cast<std::size_t>(top), height, static_cast<std::size_t>(first),
                  static_cast<std::size_t>(to - first), into, w.data(), columns);
        if (into.elements != nullptr) continue;
        for (std::size_t r = 0; r < height; ++r) {
          kernels.narrow(start + r * columns, n, type, destination.streaming, place(r));
        }
      }
    }
  }
  if (destination.streaming) kernels.finish_streaming();
}

}  // namespace mcnc
