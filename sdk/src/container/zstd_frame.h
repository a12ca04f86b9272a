// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// One zstd frame (RFC 8878) to bytes and back; the only door to zstd.
#ifndef MCNC_CONTAINER_ZSTD_FRAME_H_
#define MCNC_CONTAINER_ZSTD_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mcnc/status.h"

namespace mcnc {

// Rule segment.frame: exactly one frame that states a content size of `decoded_length`, without a dictionary, with a
// window of at most 8 MiB and blocks that fit it. Nothing is allocated before header and blocks are checked.
Result<std::vector<std::byte>> decompress_frame(std::span<const std::byte> frame, std::uint64_t decoded_length);

// A frame decompress_frame accepts. level: 1 to 19.
std::vector<std::byte> compress_frame(std::span<const std::byte> bytes, int level);

}  // namespace mcnc

#endif  // MCNC_CONTAINER_ZSTD_FRAME_H_
