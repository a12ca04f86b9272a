// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decoder/pieces.h"

#include <vector>

#include "tensors/leaves.h"
#include "util/run_pieces.h"

namespace mcnc {

std::uint64_t hashed_together(const Kernels& kernels, const Work& work) noexcept {
  return std::uint64_t{work.runner->threads()} * leaves_at_a_time(kernels) * kLeafSize;
}

std::uint64_t window_end(const TensorDecoder& decoder, const Work& work, std::uint64_t first, std::uint64_t least) {
  const std::size_t threads = work.runner->threads();
  const std::size_t pieces = threads == 1 ? 1 : 2 * threads;
  constexpr std::uint64_t kElements = std::uint64_t{1} << 24;  // of many large pieces, not more than that
  std::uint64_t end = decoder.piece_end(first);
  for (std::size_t i = 1; i < pieces || end - first < least; ++i) {
    const std::uint64_t next = decoder.piece_end(end);
    if (next == end || next - first > kElements) break;
    end = next;
  }
  return end;
}

Status decode_pieces(const TensorDecoder& decoder, const Work& work, std::uint64_t first, std::uint64_t count,
                     std::span<std::byte> out, bool past_cache) {
  if (count == 0) return {};
  std::vector<std::uint64_t> starts;  // of pieces, and the end of the last one
  for (std::uint64_t at = first; at < first + count; at = decoder.piece_end(at)) starts.push_back(at);
  starts.push_back(first + count);
  const std::uint64_t size = out.size() / count;

  return run_pieces(*work.runner, starts.size() - 1, [&](std::size_t i) -> Status {
    if (work.is_cancelled()) return {ErrorCode::kCancelled, "", "cancelled"};
    const std::uint64_t n = starts[i + 1] - starts[i];
    decoder.decode(
        starts[i], n,
        out.subspan(static_cast<std::size_t>((starts[i] - first) * size), static_cast<std::size_t>(n * size)),
        past_cache);
    return {};
  });
}

}  // namespace mcnc
