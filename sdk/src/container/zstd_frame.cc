// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/zstd_frame.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <string>

#include "mcnc/checked_math.h"
#include "mcnc/little_endian.h"

namespace mcnc {
namespace {

constexpr std::uint32_t kFrameMagic = 0xFD2FB528;
constexpr std::size_t kContent = zstd::BlockDecoder::kMaxContent;
// Stored bytes of a frame: room for what cannot be compressed, and for headers.
constexpr std::size_t kMaxFrame = kContent + 1024;

Status refuse(const std::string& why) { return {ErrorCode::kCompression, "segment.frame", "zstd segment: " + why}; }

// zstd's name for an error that it returned. That memory ran out says nothing about a frame: std::bad_alloc, then.
std::string error_of(std::size_t returned) {
  if (ZSTD_getErrorCode(returned) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  return ZSTD_getErrorName(returned);
}

// What a call of the compressor returned.
Status compressed(std::size_t returned) {
  if (ZSTD_isError(returned) == 0) return {};
  return {ErrorCode::kWrite, "", "zstd cannot compress a segment: " + error_of(returned)};
}

std::uint64_t load_le_bytes(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

// RFC 8878 section 3.1.1.1: magic, descriptor, content size. A single segment without dictionary and checksum.
// size: of the header.
Status check_header(std::span<const std::byte> stored, std::size_t content, std::size_t& size) {
  constexpr unsigned kSingleSegment = 0x20;
  if (stored.size() < 5 || load_le<std::uint32_t>(stored.data()) != kFrameMagic) return refuse("no zstd frame");
  const auto descriptor = static_cast<unsigned>(stored[4]);
  if ((descriptor & 0x3FU) != kSingleSegment) {
    return refuse("a frame is not a single segment without dictionary and checksum");
  }
  const std::size_t size_bytes = std::size_t{1} << (descriptor >> 6U);
  size = 5 + size_bytes;
  if (stored.size() < size) return refuse("ends within a frame's header");
  const std::uint64_t stated = load_le_bytes(stored.subspan(5, size_bytes)) + (size_bytes == 2 ? 256 : 0);
  if (stated == content) return {};
  return refuse("a frame states " + std::to_string(stated) + " bytes of content where " + std::to_string(content) +
                " are due");
}

// Section 3.1.1.2: blocks up to the last one. size: that of the header, then of the whole frame.
Status decode_blocks(zstd::BlockDecoder& blocks, std::span<const std::byte> stored, std::span<std::byte> content,
                     std::size_t& size) {
  constexpr std::size_t kHeader = 3;
  enum : unsigned { kRaw, kRunLength, kCompressed };
  std::size_t filled = 0;
  blocks.begin_frame();
  for (bool last = false; !last;) {
    if (stored.size() - size < kHeader) return refuse("ends within a frame, or that is too long");
    const std::uint64_t header = load_le_bytes(stored.subspan(size, kHeader));
    size += kHeader;
    last = (header & 1U) != 0;
    const std::uint64_t kind = header >> 1U & 3U;
    const auto length = static_cast<std::size_t>(header >> 3U);
    const std::size_t in_file = kind == kRunLength ? 1 : length;
    if (in_file > stored.size() - size) return refuse("ends within a frame, or that is too long");
    const std::span<const std::byte> block = stored.subspan(size, in_file);
    size += in_file;
    if (kind == kCompressed) {
      if (length >= content.size() || !blocks.decode(block, content, filled)) return refuse("a block is corrupted");
      continue;
    }
    if (kind > kCompressed || length > content.size() - filled) return refuse("a block is of no kind or too large");
    const std::span<std::byte> out = content.subspan(filled, length);
    if (kind == kRaw) {
      std::ranges::copy(block, out.begin());
    } else {
      std::ranges::fill(out, block[0]);
    }
    filled += length;
  }
  return filled == content.size() ? Status() : refuse("a frame has less content than it states");
}

}  // namespace

FrameReader::FrameReader(Input& input, FrameRange frames, std::uint64_t decoded_length)
    : input_(input), left_(frames), decoded_length_(decoded_length) {}

Status FrameReader::read(std::span<std::byte> out) {
  position_ += out.size();
  while (!out.empty()) {
    if (unread_.empty()) {
      const auto due = static_cast<std::size_t>(std::min<std::uint64_t>(kContent, decoded_length_ - decoded_));
      if (out.size() >= due) {
        if (Status s = next_frame(out.first(due)); !s.ok()) return s;
        out = out.subspan(due);
        continue;
      }
      content_.resize(due);
      if (Status s = next_frame(content_); !s.ok()) return s;
      unread_ = content_;
    }
    const std::size_t part = std::min(out.size(), unread_.size());
    std::ranges::copy(unread_.first(part), out.begin());
    out = out.subspan(part);
    unread_ = unread_.subspan(part);
  }
  if (position_ < decoded_length_ || (left_.length == 0 && stored_.empty())) return {};
  return refuse("bytes follow its last frame");
}

Status FrameReader::next_frame(std::span<std::byte> content) {
  if (Status s = fill(); !s.ok()) return s;
  const std::span<const std::byte> stored = stored_.first(std::min(stored_.size(), kMaxFrame));
  std::size_t size = 0;
  if (Status s = check_header(stored, content.size(), size); !s.ok()) return s;
  if (Status s = decode_blocks(blocks_, stored, content, size); !s.ok()) return s;
  stored_ = stored_.subspan(size);
  decoded_ += content.size();
  return {};
}

Status FrameReader::fill() {
  if (stored_.size() >= kMaxFrame || left_.length == 0) return {};
  const std::size_t kept = stored_.size();
  // The first buffer is as large as later ones need.
  if (buffer_.empty()) buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left_.length, 2 * kMaxFrame)));
  std::ranges::copy(stored_, buffer_.begin());
  const auto more = static_cast<std::size_t>(std::min<std::uint64_t>(left_.length, buffer_.size() - kept));
  const std::span<std::byte> read = std::span(buffer_).subspan(kept, more);
  if (Status s = input_.read_at(left_.offset, read); !s.ok()) return s;
  hash_.update(read);
  left_ = {left_.offset + more, left_.length - more};
  stored_ = std::span<const std::byte>(buffer_).first(kept + more);
  return {};
}

Result<bool> compress_frames(Input& source, int level, const Proceed& proceed,
                             const std::function<Status(std::span<const std::byte>)>& write) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  if (!context) throw std::bad_alloc();
  if (Status s = compressed(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level)); !s.ok()) return s;
  const std::uint64_t size = source.size();
  std::vector<std::byte> piece;
  std::vector<std::byte> frames;
  std::uint64_t written = 0;
  for (std::uint64_t done = 0; done < size; done += piece.size()) {
    if (Status s = ask(proceed, piece.size()); !s.ok()) return s;
    piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, size - done)));
    if (Status s = source.read_at(done, piece); !s.ok()) return s;
    frames.clear();
    for (std::size_t at = 0; at < piece.size(); at += kContent) {
      const std::span<const std::byte> content = std::span(piece).subspan(at, std::min(kContent, piece.size() - at));
      const std::size_t start = frames.size();
      frames.resize(start + kMaxFrame);
      const std::size_t n =
          ZSTD_compress2(context.get(), frames.data() + start, kMaxFrame, content.data(), content.size());
      if (Status s = compressed(n); !s.ok()) return s;
      frames.resize(start + n);
    }
    written += frames.size();
    if (written >= size) return false;
    if (Status s = write(frames); !s.ok()) return s;
  }
  return size > 0;
}

}  // namespace mcnc
