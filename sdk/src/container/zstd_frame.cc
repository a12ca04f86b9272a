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

#include "base/checked_math.h"
#include "base/little_endian.h"

namespace mcnc {
namespace {

constexpr std::uint32_t kFrameMagic = 0xFD2FB528;
constexpr std::uint64_t kMaxBlock = std::uint64_t{128} << 10;

Status refuse(const std::string& why) { return {Code::kCompression, "segment.frame", "zstd segment: " + why}; }

// zstd's word for what it answered, an error. That memory ran out says nothing about a frame: std::bad_alloc, then.
std::string error_of(std::size_t answer) {
  if (ZSTD_getErrorCode(answer) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  return ZSTD_getErrorName(answer);
}

// An answer to the compressor's calls.
Status compressed(std::size_t answer) {
  if (ZSTD_isError(answer) == 0) return {};
  return {Code::kWrite, "", "zstd cannot compress a segment: " + error_of(answer)};
}

std::uint64_t load_le_bytes(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

// A part of an input, of which a few bytes at a time are looked at.
class Window {
 public:
  Window(Input& input, FrameRange range) : input_(input), range_(range) {}

  std::uint64_t size() const noexcept { return range_.length; }
  // Bytes [at, at + size) of the part, which must exist. size: at most kBuffer. Valid until the next call.
  Result<std::span<const std::byte>> bytes(std::uint64_t at, std::size_t size) {
    if (at < begin_ || at + size > begin_ + buffer_.size()) {
      begin_ = at;
      buffer_.resize(static_cast<std::size_t>(std::min(kBuffer, range_.length - at)));
      if (Status s = input_.read_at(range_.offset + at, buffer_); !s.ok()) return s;
    }
    return std::span<const std::byte>(buffer_).subspan(static_cast<std::size_t>(at - begin_), size);
  }

 private:
  static constexpr std::uint64_t kBuffer = 4096;

  Input& input_;
  FrameRange range_;
  std::uint64_t begin_ = 0;
  std::vector<std::byte> buffer_;
};

// RFC 8878 section 3.1.1.2: blocks up to the last, none larger than the window or 128 KiB, then the checksum.
Status check_blocks(Window& frame, std::uint64_t at, std::uint64_t window, bool has_checksum) {
  constexpr std::size_t kHeader = 3;
  constexpr std::uint64_t kRle = 1;
  constexpr std::uint64_t kReserved = 3;
  for (bool last = false; !last;) {
    if (frame.size() - at < kHeader) return refuse("ends within its blocks");
    const auto bytes = frame.bytes(at, kHeader);
    if (!bytes.ok()) return bytes.status();
    const std::uint64_t header = load_le_bytes(*bytes);
    at += kHeader;
    last = (header & 1U) != 0;
    const std::uint64_t type = header >> 1 & 3U;
    const std::uint64_t size = header >> 3;
    if (type == kReserved || size > std::min(window, kMaxBlock)) return refuse("a block is of no kind or too large");
    const std::uint64_t stored = type == kRle ? 1 : size;
    if (stored > frame.size() - at) return refuse("ends within its blocks");
    at += stored;
  }
  return frame.size() - at == (has_checksum ? 4 : 0) ? Status() : refuse("not exactly one frame");
}

using Context = std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)>;

Context make_context() {
  Context context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  if (!context) throw std::bad_alloc();
  return context;
}

// zstd's own tables for level 19 take 90 MiB for a large source, those of lower levels up to 70. These take 45, and
// make frames up to some 2 % larger. Sources for which zstd chooses smaller ones are left to it.
Status bound_tables(ZSTD_CCtx* context, int level, std::uint64_t size) {
  constexpr int kLargeTables = 12;  // the first level that has them
  constexpr int kTableLog = 22;
  if (level < kLargeTables || size <= std::uint64_t{1} << (kTableLog - 1)) return {};
  if (Status s = compressed(ZSTD_CCtx_setParameter(context, ZSTD_c_chainLog, kTableLog)); !s.ok()) return s;
  return compressed(ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, kTableLog));
}

}  // namespace

// RFC 8878 section 3.1.1.1: magic, descriptor, window, dictionary id, content size.
Result<std::uint64_t> check_frame(Input& input, FrameRange range, std::uint64_t decoded_length) {
  constexpr std::uint64_t kMaxHeader = 14;  // of what is looked at here
  Window frame(input, range);
  const auto bytes = frame.bytes(0, static_cast<std::size_t>(std::min(range.length, kMaxHeader)));
  if (!bytes.ok()) return bytes.status();
  const std::span<const std::byte> header = *bytes;
  if (header.size() < 6 || load_le<std::uint32_t>(header.data()) != kFrameMagic) return refuse("no zstd frame");
  const auto descriptor = static_cast<unsigned>(header[4]);
  const bool single_segment = (descriptor & 0x20U) != 0;
  if ((descriptor & 0x08U) != 0) return refuse("reserved bit set");
  if ((descriptor & 0x03U) != 0) return refuse("needs a dictionary");

  std::size_t at = 5;
  std::uint64_t window = decoded_length;
  if (!single_segment) {
    const auto byte = static_cast<unsigned>(header[at++]);
    const std::uint64_t base = std::uint64_t{1} << (10 + (byte >> 3U));
    window = base + base / 8 * (byte & 7U);
    if (window > kMaxWindow) return refuse("window above 8 MiB");
  }
  const std::size_t size_bytes = std::array<std::size_t, 4>{single_segment ? 1U : 0U, 2, 4, 8}[descriptor >> 6U];
  if (size_bytes == 0) return refuse("content size not stated");
  if (header.size() < at + size_bytes) return refuse("ends within its header");
  std::uint64_t content_size = load_le_bytes(header.subspan(at, size_bytes));
  if (size_bytes == 2) content_size += 256;
  if (content_size != decoded_length) {
    return refuse("content size " + std::to_string(content_size) + ", the manifest says " +
                  std::to_string(decoded_length));
  }
  if (Status s = check_blocks(frame, at + size_bytes, window, (descriptor & 0x04U) != 0); !s.ok()) return s;
  return window;
}

struct FrameReader::State {
  Context context = make_context();
};

FrameReader::FrameReader(Input& input, FrameRange frame, std::uint64_t decoded_length)
    : input_(input), left_(frame), decoded_length_(decoded_length), state_(std::make_unique<State>()) {}

FrameReader::~FrameReader() = default;

Status FrameReader::read(std::span<std::byte> out) {
  bool ended = false;
  for (std::size_t filled = 0; filled < out.size();) {
    if (ended) return refuse("decompresses to fewer bytes than it states");
    if (Status s = advance(out, filled, ended); !s.ok()) return s;
  }
  position_ += out.size();
  while (position_ == decoded_length_ && !ended) {
    std::size_t none = 0;
    if (Status s = advance({}, none, ended); !s.ok()) return s;
  }
  return {};
}

Status FrameReader::advance(std::span<std::byte> out, std::size_t& filled, bool& ended) {
  if (pending_.empty() && left_.length > 0) {
    buffer_.resize(static_cast<std::size_t>(std::min(kPieceBytes, left_.length)));
    if (Status s = input_.read_at(left_.offset, buffer_); !s.ok()) return s;
    hash_.update(buffer_);
    left_ = {left_.offset + buffer_.size(), left_.length - buffer_.size()};
    pending_ = buffer_;
  }
  ZSTD_inBuffer from{pending_.data(), pending_.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), filled};
  const std::size_t n = ZSTD_decompressStream(state_->context.get(), &to, &from);
  if (ZSTD_isError(n) != 0) return refuse(error_of(n));
  ended = n == 0;
  if (!ended && from.pos == 0 && to.pos == filled) return refuse("decompresses to another size than it states");
  pending_ = pending_.subspan(from.pos);
  filled = to.pos;
  return {};
}

Result<std::vector<std::byte>> decompress_frame(std::span<const std::byte> frame, std::uint64_t decoded_length) {
  const Context context = make_context();
  std::vector<std::byte> bytes(to_size(decoded_length));
  const std::size_t n = ZSTD_decompressDCtx(context.get(), bytes.data(), bytes.size(), frame.data(), frame.size());
  if (ZSTD_isError(n) != 0) return refuse(error_of(n));
  if (n != bytes.size()) return refuse("decompresses to fewer bytes than it states");
  return bytes;
}

Result<bool> compress_frame(Input& source, int level, const Proceed& proceed,
                            const std::function<Status(std::span<const std::byte>)>& write) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  if (!context) throw std::bad_alloc();
  const std::uint64_t size = source.size();
  if (Status s = compressed(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level)); !s.ok()) return s;
  if (Status s = compressed(ZSTD_CCtx_setPledgedSrcSize(context.get(), size)); !s.ok()) return s;
  if (Status s = bound_tables(context.get(), level, size); !s.ok()) return s;

  // The sizes of both buffers decide on the bytes of the frame: one piece is compressed at once.
  std::vector<std::byte> piece;
  std::vector<std::byte> frame(ZSTD_compressBound(static_cast<std::size_t>(kPieceBytes)));
  std::uint64_t written = 0;
  for (std::uint64_t done = 0; done < size; done += piece.size()) {
    if (Status s = ask(proceed); !s.ok()) return s;
    piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, size - done)));
    if (Status s = source.read_at(done, piece); !s.ok()) return s;
    const bool last = done + piece.size() == size;
    ZSTD_inBuffer from{piece.data(), piece.size(), 0};
    for (bool more = true; more;) {
      ZSTD_outBuffer to{frame.data(), frame.size(), 0};
      const std::size_t n = ZSTD_compressStream2(context.get(), &to, &from, last ? ZSTD_e_end : ZSTD_e_continue);
      if (Status s = compressed(n); !s.ok()) return s;
      more = last ? n > 0 : from.pos < from.size;
      written += to.pos;
      if (written >= size) return false;
      if (Status s = write(std::span(frame).first(to.pos)); !s.ok()) return s;
    }
  }
  return true;
}

}  // namespace mcnc
