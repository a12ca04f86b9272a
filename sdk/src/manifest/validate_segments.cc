// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "manifest/layout.h"
#include "manifest/references.h"
#include "manifest/validate_rules.h"

namespace mcnc::rules {

Status segment_offset(const Manifest& m, std::uint64_t manifest_end, std::uint64_t file_length) {
  std::uint64_t end = manifest_end;
  for (std::size_t i = 0; i < m.segments.size(); ++i) {
    const Segment& segment = m.segments[i];
    const std::uint64_t expected = layout::align_up(end);
    if (segment.offset != expected || expected > file_length || segment.stored_length > file_length - expected) {
      return {ErrorCode::kLayout, "segment.offset",
              numbered("segment", i) + " must start at byte " + std::to_string(expected) + " and lie within the file",
              segment.offset};
    }
    end = segment.offset + segment.stored_length;
  }
  return {};
}

Status segment_end(const Manifest& m, std::uint64_t manifest_end, std::uint64_t file_length) {
  const std::uint64_t end =
      m.segments.empty() ? manifest_end : m.segments.back().offset + m.segments.back().stored_length;
  if (end == file_length) return {};
  return {ErrorCode::kLayout, "segment.end", "the file has bytes that belong to no segment", end};
}

Status segment_length(const Manifest& m) {
  for (std::size_t i = 0; i < m.segments.size(); ++i) {
    const Segment& segment = m.segments[i];
    const bool fits = segment.encoding == Encoding::kRaw ? segment.stored_length == segment.decoded_length
                                                         : segment.stored_length > 0 && segment.decoded_length > 0;
    if (!fits) return refuse("segment.length", numbered("segment", i) + ": stored and decoded length contradict");
  }
  return {};
}

Status segment_reference(const Manifest& m) {
  std::uint64_t next = 0;
  bool in_order = true;
  each_reference(m, [&](std::uint32_t segment, std::uint64_t) { in_order = in_order && segment == next++; });
  if (in_order && next == m.segments.size()) return {};
  return refuse("segment.reference", "segments must be used once each, in the order they stand in");
}

Status segment_size(const Manifest& m) {
  Status status;
  each_reference(m, [&](std::uint32_t segment, std::uint64_t bytes) {
    if (!status.ok() || m.segments[segment].decoded_length == bytes) return;
    status = refuse("segment.size", numbered("segment", segment) + " decodes to " +
                                        std::to_string(m.segments[segment].decoded_length) + " bytes, its user needs " +
                                        std::to_string(bytes));
  });
  return status;
}

}  // namespace mcnc::rules
