// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/segment.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/checked_math.h"
#include "container/layout.h"
#include "container/sha256.h"
#include "container/zstd_frame.h"

namespace mcnc {

Result<std::vector<std::byte>> load_segment(Input& input, std::uint64_t previous_end, const Segment& segment) {
  std::array<std::byte, layout::kAlignment> buffer;
  const std::span padding = std::span(buffer).first(static_cast<std::size_t>(segment.offset - previous_end));
  if (Status s = input.read_at(previous_end, padding); !s.ok()) return s;
  const auto dirty = std::ranges::find_if(padding, [](std::byte b) { return b != std::byte{0}; });
  if (dirty != padding.end()) {
    return Status(Code::kLayout, "segment.padding", "a byte between segments is not zero",
                  previous_end + static_cast<std::uint64_t>(dirty - padding.begin()));
  }

  std::vector<std::byte> stored(to_size(segment.stored_length));
  if (Status s = input.read_at(segment.offset, stored); !s.ok()) return s;
  if (sha256(stored) != segment.digest) {
    return Status(Code::kSegmentDigest, "segment.digest", "a segment's bytes have changed since the file was written",
                  segment.offset);
  }
  if (segment.encoding == Encoding::kRaw) return stored;

  Result<std::vector<std::byte>> decoded = decompress_frame(stored, segment.decoded_length);
  if (decoded.ok()) return decoded;
  const Status& s = decoded.status();
  return Status(s.code(), s.rule(), s.message(), segment.offset);
}

std::vector<std::byte> store_segment(std::vector<std::byte> decoded, int zstd_level, Segment& segment) {
  segment.decoded_length = decoded.size();
  segment.encoding = Encoding::kRaw;
  std::vector<std::byte> stored = std::move(decoded);
  if (!stored.empty()) {
    std::vector<std::byte> frame = compress_frame(stored, zstd_level);
    if (frame.size() < stored.size()) {
      segment.encoding = Encoding::kZstd;
      stored = std::move(frame);
    }
  }
  segment.stored_length = stored.size();
  segment.digest = sha256(stored);
  return stored;
}

}  // namespace mcnc
