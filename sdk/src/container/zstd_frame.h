// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Zstandard frames (RFC 8878), of 128 KiB of content each, to bytes and back.
#ifndef MCNC_CONTAINER_ZSTD_FRAME_H_
#define MCNC_CONTAINER_ZSTD_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "container/zstd_block.h"
#include "mcnc/draft.h"
#include "mcnc/input.h"
#include "mcnc/status.h"
#include "util/sha256.h"

namespace mcnc {

// Of an Input.
struct FrameRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// The content of frames, front to back: each of 128 KiB, the last one of the rest (rule segment.frame). Takes some
// 300 KiB of memory.
class FrameReader {
 public:
  // `input` must outlive it. decoded_length: of all content, at least 1.
  FrameReader(Input& input, FrameRange frames, std::uint64_t decoded_length);

  std::uint64_t position() const noexcept { return position_; }
  // The next out.size() bytes, of which there must be as many. With the last of them comes the check that no stored
  // bytes are left.
  Status read(std::span<std::byte> out);
  // Of the stored bytes, once all content has been read.
  Digest digest() { return hash_.finish(); }

 private:
  // Decodes the next frame, whose content has the size of `content`.
  Status next_frame(std::span<std::byte> content);
  // Makes sure that `stored_` starts with all of the next frame, if it is a right one.
  Status fill();

  Input& input_;
  FrameRange left_;  // not read yet
  std::uint64_t decoded_length_;
  std::uint64_t position_ = 0;
  std::uint64_t decoded_ = 0;          // bytes of content, a multiple of those of a frame or all of it
  std::vector<std::byte> buffer_;      // of stored bytes
  std::span<const std::byte> stored_;  // of the buffer, not decoded yet
  std::vector<std::byte> content_;     // of a frame that is not wanted at once
  std::span<const std::byte> unread_;  // of content_
  Sha256 hash_;
  zstd::BlockDecoder blocks_;
};

// Compresses all of `source` to such frames, and hands them out in pieces. Ends with false where they would be no
// shorter than the source: what was handed out then, less than the source, is of no use. level: 1 to 19. Takes a few
// MiB of memory.
Result<bool> compress_frames(Input& source, int level, const Proceed& proceed,
                             const std::function<Status(std::span<const std::byte>)>& write);

}  // namespace mcnc

#endif  // MCNC_CONTAINER_ZSTD_FRAME_H_
