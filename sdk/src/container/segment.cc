// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/segment.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "container/zstd_frame.h"
#include "manifest/layout.h"
#include "mcnc/about.h"
#include "mcnc/boundary.h"
#include "mcnc/checked_math.h"
#include "util/sha256.h"

namespace mcnc {
namespace {

Status read_padding(Input& input, std::uint64_t previous_end, const Segment& segment) {
  std::array<std::byte, layout::kAlignment> buffer;
  const std::span padding = std::span(buffer).first(static_cast<std::size_t>(segment.offset - previous_end));
  if (Status s = input.read_at(previous_end, padding); !s.ok()) return s;
  const auto dirty = std::ranges::find_if(padding, [](std::byte b) { return b != std::byte{0}; });
  if (dirty == padding.end()) return {};
  return {ErrorCode::kLayout, "segment.padding", "a byte of the padding before it is not zero",
          previous_end + static_cast<std::uint64_t>(dirty - padding.begin())};
}

Status changed(const Segment& segment) {
  return {ErrorCode::kSegmentDigest, "segment.digest", "its bytes have changed since the file was written",
          segment.offset};
}

Status in_segment(std::size_t index, const Segment& segment, const Status& status) {
  return status.ok() ? status : about("segment " + std::to_string(index), status, segment.offset);
}

Status check_digest(Input& input, const Segment& segment) {
  Sha256 hash;
  std::vector<std::byte> piece;
  for (std::uint64_t done = 0; done < segment.stored_length; done += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, segment.stored_length - done)));
    if (Status s = input.read_at(segment.offset + done, piece); !s.ok()) return s;
    hash.update(piece);
  }
  return hash.finish() == segment.digest ? Status() : changed(segment);
}

// All stored bytes, digest checked.
Result<std::vector<std::byte>> load_stored(Input& input, const Segment& segment) {
  std::vector<std::byte> stored(to_size(segment.stored_length));
  if (Status s = input.read_at(segment.offset, stored); !s.ok()) return s;
  if (sha256(stored) != segment.digest) return changed(segment);
  return stored;
}

// stored: where the frames are, their digest checked.
Result<std::vector<std::byte>> load_frames(Input& stored, FrameRange frames, const Segment& segment) {
  // No frame takes fewer bytes: nothing is allocated for content that cannot be there.
  constexpr std::uint64_t kLeastFrame = 10;
  if (frames.length / kLeastFrame < segment.decoded_length / zstd::BlockDecoder::kMaxContent) {
    return Status(ErrorCode::kCompression, "segment.frame", "zstd segment: it is too short for what it should hold");
  }
  FrameReader reader(stored, frames, segment.decoded_length);
  std::vector<std::byte> decoded(to_size(segment.decoded_length));
  if (Status s = reader.read(decoded); !s.ok()) return s;
  // The frames have been read twice.
  if (reader.digest() != segment.digest) return changed(segment);
  return decoded;
}

class SegmentInput final : public Input {
 public:
  SegmentInput(std::shared_ptr<Input> input, std::uint64_t previous_end, std::size_t index, const Segment& segment)
      : input_(std::move(input)), previous_end_(previous_end), index_(index), segment_(segment) {}

  std::uint64_t size() const noexcept override { return segment_.decoded_length; }

  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    return boundary([&]() -> Status {
      const std::lock_guard lock(mutex_);
      return in_segment(index_, segment_, read(offset, out));
    });
  }

 private:
  Status read(std::uint64_t offset, std::span<std::byte> out) {
    if (offset > size() || out.size() > size() - offset) {
      return {ErrorCode::kTruncated, "container.truncated", "it ends before the bytes it must have"};
    }
    if (Status s = check(); !s.ok()) return s;
    return segment_.encoding == Encoding::kRaw ? read_raw(offset, out) : read_frames(offset, out);
  }

  Status check() {
    if (checked_) return {};
    if (Status s = read_padding(*input_, previous_end_, segment_); !s.ok()) return s;
    if (Status s = check_digest(*input_, segment_); !s.ok()) return s;
    checked_ = true;
    return {};
  }

  FrameRange frames() const noexcept { return {segment_.offset, segment_.stored_length}; }

  // Who reads from front to back gets an error where the bytes have changed since the check.
  Status read_raw(std::uint64_t offset, std::span<std::byte> out) {
    if (Status s = input_->read_at(segment_.offset + offset, out); !s.ok()) return s;
    if (offset == 0) {
      (void)hash_.finish();
      hashed_ = 0;
    }
    if (offset != hashed_ || out.empty()) return {};
    hash_.update(out);
    hashed_ += out.size();
    return hashed_ < size() || hash_.finish() == segment_.digest ? Status() : changed(segment_);
  }

  Status read_frames(std::uint64_t offset, std::span<std::byte> out) {
    if (!reader_ || offset < reader_->position()) reader_.emplace(*input_, frames(), segment_.decoded_length);
    std::vector<std::byte> skipped;
    while (reader_->position() < offset) {
      skipped.resize(static_cast<std::size_t>(std::min(kPieceBytes, offset - reader_->position())));
      if (Status s = reader_->read(skipped); !s.ok()) return s;
    }
    if (Status s = reader_->read(out); !s.ok()) return s;
    const bool ends = !out.empty() && reader_->position() == size();
    return !ends || reader_->digest() == segment_.digest ? Status() : changed(segment_);
  }

  std::shared_ptr<Input> input_;
  std::uint64_t previous_end_;
  std::size_t index_;
  Segment segment_;
  std::mutex mutex_;
  bool checked_ = false;
  Sha256 hash_;
  std::uint64_t hashed_ = 0;  // raw bytes from the start
  std::optional<FrameReader> reader_;
};

Result<std::vector<std::byte>> load(Input& input, std::uint64_t previous_end, const Segment& segment) {
  if (Status s = read_padding(input, previous_end, segment); !s.ok()) return s;
  if (segment.encoding == Encoding::kRaw) return load_stored(input, segment);
  if (segment.stored_length > kPieceBytes) {
    if (Status s = check_digest(input, segment); !s.ok()) return s;
    return load_frames(input, {segment.offset, segment.stored_length}, segment);
  }
  const Result<std::vector<std::byte>> stored = load_stored(input, segment);
  if (!stored.ok()) return stored.status();
  const Result<std::unique_ptr<Input>> memory = borrow_memory(*stored);
  if (!memory.ok()) return memory.status();
  return load_frames(**memory, {0, segment.stored_length}, segment);
}

}  // namespace

Status check_padding(Input& input, std::uint64_t previous_end, std::size_t index, const Segment& segment) {
  return in_segment(index, segment, read_padding(input, previous_end, segment));
}

Result<std::vector<std::byte>> load_segment(Input& input, std::uint64_t previous_end, std::size_t index,
                                            const Segment& segment) {
  Result<std::vector<std::byte>> decoded = load(input, previous_end, segment);
  if (!decoded.ok()) return in_segment(index, segment, decoded.status());
  return decoded;
}

std::shared_ptr<Input> segment_input(std::shared_ptr<Input> input, std::uint64_t previous_end, std::size_t index,
                                     const Segment& segment) {
  return std::make_shared<SegmentInput>(std::move(input), previous_end, index, segment);
}

Status store_segment(Input& decoded, int zstd_level, const Proceed& proceed, Draft& draft, std::uint64_t offset,
                     Segment& segment) {
  Sha256 hash;
  std::uint64_t length = 0;
  const auto write = [&](std::span<const std::byte> bytes) -> Status {
    hash.update(bytes);
    const std::uint64_t at = offset + length;
    length += bytes.size();
    return draft.write_at(at, bytes);
  };
  const Result<bool> smaller = compress_frames(decoded, zstd_level, proceed, write);
  if (!smaller.ok()) return smaller.status();
  if (!*smaller) {
    // Over the start of the frames.
    (void)hash.finish();
    length = 0;
    std::vector<std::byte> piece;
    for (std::uint64_t done = 0; done < decoded.size(); done += piece.size()) {
      if (Status s = ask(proceed, piece.size()); !s.ok()) return s;
      piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, decoded.size() - done)));
      if (Status s = decoded.read_at(done, piece); !s.ok()) return s;
      if (Status s = write(piece); !s.ok()) return s;
    }
  }
  segment.decoded_length = decoded.size();
  segment.stored_length = length;
  segment.encoding = *smaller && length > 0 ? Encoding::kZstd : Encoding::kRaw;
  segment.digest = hash.finish();
  return {};
}

}  // namespace mcnc
