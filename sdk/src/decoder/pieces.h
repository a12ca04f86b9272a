// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A tensor, piece by piece, on any number of threads.
#ifndef MCNC_DECODER_PIECES_H_
#define MCNC_DECODER_PIECES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "decoder/tensor_decoder.h"
#include "kernels/kernels.h"
#include "mcnc/parallel.h"
#include "mcnc/status.h"

namespace mcnc {

// Who works, and whether to go on.
struct Work {
  ParallelRunner* runner;
  const std::atomic<bool>* cancel;  // nullptr: never

  bool is_cancelled() const noexcept { return cancel != nullptr && cancel->load(std::memory_order_relaxed); }
};

// As many bytes of a tensor as keep every thread busy with hashing whole leaves of its digest.
std::uint64_t hashed_together(const Kernels& kernels, const Work& work) noexcept;

// Where a window that starts at element `first` ends: as many pieces as keep all threads busy, and `least` elements or
// more unless the tensor ends before.
std::uint64_t window_end(const TensorDecoder& decoder, const Work& work, std::uint64_t first, std::uint64_t least);

// Elements [first, first + count) to out, pieces side by side. The first piece that failed says why. past_cache: see
// Kernels::narrow.
Status decode_pieces(const TensorDecoder& decoder, const Work& work, std::uint64_t first, std::uint64_t count,
                     std::span<std::byte> out, bool past_cache);

}  // namespace mcnc

#endif  // MCNC_DECODER_PIECES_H_
