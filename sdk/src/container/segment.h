// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_CONTAINER_SEGMENT_H_
#define MCNC_CONTAINER_SEGMENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "mcnc/draft.h"
#include "mcnc/input.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

// The bytes from `previous_end` to `segment`, number `index` of the file, are zero (rule segment.padding).
Status check_padding(Input& input, std::uint64_t previous_end, std::size_t index, const Segment& segment);

// Reads `segment`, number `index` of the file, and the padding between `previous_end` and it; checks padding, digest
// and frames (rules segment.padding, segment.digest, segment.frame). The manifest's rules hold for it. Beside the
// decoded bytes it takes a few pieces of memory. Errors name the segment and where it is.
Result<std::vector<std::byte>> load_segment(Input& input, std::uint64_t previous_end, std::size_t index,
                                            const Segment& segment);

// The decoded bytes to be read in pieces, best from front to back. The same checks come before the first of them; the
// digest is compared once more at the end of what is read from front to back.
std::shared_ptr<Input> segment_input(std::shared_ptr<Input> input, std::uint64_t previous_end, std::size_t index,
                                     const Segment& segment);

// Writes the stored bytes for `decoded` to `offset` of `draft`, by zstd where that is smaller, and nothing behind them;
// fills in lengths, encoding and digest of `segment`. Reads once or twice: what was written last counts.
Status store_segment(Input& decoded, int zstd_level, const Proceed& proceed, Draft& draft, std::uint64_t offset,
                     Segment& segment);

}  // namespace mcnc

#endif  // MCNC_CONTAINER_SEGMENT_H_
