// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/backend/grids.h"

#include <algorithm>
#include <bit>

#include "util/ceil_div.h"

namespace mcnc::cuda {
namespace {

constexpr std::uint64_t kBlockThreads = 128;
// Blocks that keep a processor busy, with some to choose from. A thread goes on to other rows when it has finished, so
// that more blocks would only load weights more often.
constexpr std::uint64_t kBlocksPerProcessor = 32;
constexpr std::uint64_t kMostBlocks = 65535;  // of y and z
constexpr std::uint64_t kWarp = 32;

// For `across` threads of a row, from `narrowest` to `widest` in a block, which make rows_together rows at a time.
Grid tiles_grid(const Device& device, std::uint64_t across, std::uint64_t narrowest, std::uint64_t rows,
                unsigned rows_together, unsigned slices, std::uint64_t widest = kBlockThreads) noexcept {
  const std::uint64_t wide = std::clamp(std::bit_ceil(across), narrowest, widest);
  const std::uint64_t high = kBlockThreads / wide;
  const std::uint64_t blocks = ceil_div(across, wide);
  const std::uint64_t parts = std::min<std::uint64_t>(slices, kMostBlocks);
  const std::uint64_t most = std::max<std::uint64_t>(kBlocksPerProcessor * device.processors() / blocks / parts, 1);
  const std::uint64_t down = std::min({ceil_div(rows, high * rows_together), most, kMostBlocks});
  return {.x = static_cast<unsigned>(blocks),
          .y = static_cast<unsigned>(std::max<std::uint64_t>(down, 1)),
          .z = static_cast<unsigned>(parts),
          .block_x = static_cast<unsigned>(wide),
          .block_y = static_cast<unsigned>(high)};
}

}  // namespace

Grid flat_grid(const Device& device, std::uint64_t items) noexcept {
  const std::uint64_t most = kBlocksPerProcessor * device.processors();
  const std::uint64_t blocks = std::clamp<std::uint64_t>(ceil_div(items, kBlockThreads), 1, most);
  return {.x = static_cast<unsigned>(blocks), .block_x = kBlockThreads};
}

Grid rows_grid(const Device& device, std::uint64_t columns, std::uint64_t rows, unsigned rows_together,
               unsigned slices) noexcept {
  return tiles_grid(device, ceil_div(columns, 4), 1, rows, rows_together, slices);
}

Grid matrix_grid(const Device& device, std::uint64_t columns, std::uint64_t rows, unsigned slices) noexcept {
  return tiles_grid(device, columns, kWarp, rows, 16, slices);
}

Grid layer_grid(const Device& device, bool is_wide, std::uint64_t columns, std::uint64_t rows,
                unsigned slices) noexcept {
  // IntegerTile<true>::kHeight of cuda/kernels/integer_sums.h
  return is_wide ? rows_grid(device, columns, rows, 4, slices) : matrix_grid(device, columns, rows, slices);
}

Grid warps_grid(const Device& device, std::uint64_t rows, unsigned rows_together, unsigned across) noexcept {
  return tiles_grid(device, std::uint64_t{kWarp} * across, kWarp, rows, rows_together, 1, kWarp);
}

}  // namespace mcnc::cuda
