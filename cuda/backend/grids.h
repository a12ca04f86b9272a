// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// How much work is a thread's, for the kinds of grids that kernels take.
#ifndef MCNC_CUDA_BACKEND_GRIDS_H_
#define MCNC_CUDA_BACKEND_GRIDS_H_

#include <cstdint>

#include "cuda/backend/device.h"

namespace mcnc::cuda {

// Of one dimension, for `items` things that a thread makes one after the other.
Grid flat_grid(const Device& device, std::uint64_t items) noexcept;

// For rows of columns: a thread makes four columns of rows_together rows at a time. slices: see cuda/kernels/run.h.
Grid rows_grid(const Device& device, std::uint64_t columns, std::uint64_t rows, unsigned rows_together,
               unsigned slices = 1) noexcept;

// The same for kernels whose warps make 32 columns of 16 rows at a time (cuda/kernels/integer_sums.h): blocks are whole
// warps across.
Grid matrix_grid(const Device& device, std::uint64_t columns, std::uint64_t rows, unsigned slices = 1) noexcept;

// For layers of integers of any size: the second where their inputs are int8, else the first.
Grid layer_grid(const Device& device, bool is_wide, std::uint64_t columns, std::uint64_t rows,
                unsigned slices = 1) noexcept;

// For warps, each of which makes what it makes of rows_together rows, beside `across` others of them.
Grid warps_grid(const Device& device, std::uint64_t rows, unsigned rows_together = 1, unsigned across = 1) noexcept;

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_BACKEND_GRIDS_H_
