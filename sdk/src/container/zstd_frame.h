// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// One zstd frame (RFC 8878) to bytes and back; the only door to zstd.
#ifndef MCNC_CONTAINER_ZSTD_FRAME_H_
#define MCNC_CONTAINER_ZSTD_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/draft.h"
#include "base/sha256.h"
#include "mcnc/input.h"
#include "mcnc/status.h"

namespace mcnc {

inline constexpr std::uint64_t kMaxWindow = std::uint64_t{8} << 20;

// What of an Input is a frame.
struct FrameRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Rule segment.frame as far as it can be seen without decoding: exactly one frame that states a content size of
// `decoded_length`, without a dictionary, with a window of at most 8 MiB and blocks that fit it. Answers the window,
// which for a frame of a single segment is its whole content.
Result<std::uint64_t> check_frame(Input& input, FrameRange frame, std::uint64_t decoded_length);

// The content of a frame that check_frame accepted, front to back. Takes a window of memory, unless the frame is short
// or read at once.
class FrameReader {
 public:
  // `input` must outlive it. The window: at most kMaxWindow.
  FrameReader(Input& input, FrameRange frame, std::uint64_t decoded_length);
  ~FrameReader();

  std::uint64_t position() const noexcept { return position_; }
  // The next out.size() bytes, of which there must be as many. With the last of them the frame is read to its end.
  Status read(std::span<std::byte> out);
  // Of the frame's bytes, once its content has been read.
  Digest digest() { return hash_.finish(); }

 private:
  struct State;

  // More of the content to `out`, or more of the frame to zstd; sets `ended` at the frame's end.
  Status advance(std::span<std::byte> out, std::size_t& filled, bool& ended);

  Input& input_;
  FrameRange left_;  // of the frame, not read yet
  std::uint64_t decoded_length_;
  std::uint64_t position_ = 0;
  std::vector<std::byte> buffer_;
  std::span<const std::byte> pending_;  // of the buffer, not taken by zstd yet
  Sha256 hash_;
  std::unique_ptr<State> state_;
};

// All of the content at once, for a frame that check_frame accepted and whose window is too large for a FrameReader.
Result<std::vector<std::byte>> decompress_frame(std::span<const std::byte> frame, std::uint64_t decoded_length);

// Compresses all of `source` to a frame that check_frame accepts, and hands it out in pieces. Ends with false where the
// frame would be no shorter than the source: what was handed out then, less than the source, is of no use. level: 1 to
// 19. Takes up to 45 MiB.
Result<bool> compress_frame(Input& source, int level, const Proceed& proceed,
                            const std::function<Status(std::span<const std::byte>)>& write);

}  // namespace mcnc

#endif  // MCNC_CONTAINER_ZSTD_FRAME_H_
