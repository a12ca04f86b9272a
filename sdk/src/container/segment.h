// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_CONTAINER_SEGMENT_H_
#define MCNC_CONTAINER_SEGMENT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mcnc/input.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

// Reads `segment` and the padding between `previous_end` and it; checks padding, digest and frame (rules
// segment.padding, segment.digest, segment.frame). The manifest's rules hold for it.
Result<std::vector<std::byte>> load_segment(Input& input, std::uint64_t previous_end, const Segment& segment);

// The stored bytes for `decoded`, by zstd where that is smaller; fills in lengths, encoding and digest of `segment`.
std::vector<std::byte> store_segment(std::vector<std::byte> decoded, int zstd_level, Segment& segment);

}  // namespace mcnc

#endif  // MCNC_CONTAINER_SEGMENT_H_
