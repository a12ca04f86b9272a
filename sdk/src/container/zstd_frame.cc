// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/zstd_frame.h"

#include <zstd.h>

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
constexpr std::uint64_t kMaxWindow = std::uint64_t{8} << 20;

constexpr std::uint64_t kMaxBlock = std::uint64_t{128} << 10;

Status refuse(const std::string& why) { return {Code::kCompression, "segment.frame", "zstd segment: " + why}; }

std::uint64_t load_le_bytes(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

// RFC 8878 section 3.1.1.2: blocks up to the last, none larger than the window or 128 KiB, then the checksum.
Status check_blocks(std::span<const std::byte> frame, std::size_t at, std::uint64_t window, bool has_checksum) {
  constexpr std::size_t kHeader = 3;
  constexpr std::uint64_t kRle = 1;
  constexpr std::uint64_t kReserved = 3;
  for (bool last = false; !last;) {
    if (frame.size() - at < kHeader) return refuse("ends within its blocks");
    const std::uint64_t header = load_le_bytes(frame.subspan(at, kHeader));
    at += kHeader;
    last = (header & 1U) != 0;
    const std::uint64_t type = header >> 1 & 3U;
    const std::uint64_t size = header >> 3;
    if (type == kReserved || size > std::min(window, kMaxBlock)) return refuse("a block is of no kind or too large");
    const std::uint64_t stored = type == kRle ? 1 : size;
    if (stored > frame.size() - at) return refuse("ends within its blocks");
    at += static_cast<std::size_t>(stored);
  }
  return frame.size() - at == (has_checksum ? 4 : 0) ? Status() : refuse("not exactly one frame");
}

// RFC 8878 section 3.1.1.1: magic, descriptor, window, dictionary id, content size.
Status check_frame(std::span<const std::byte> frame, std::uint64_t decoded_length) {
  if (frame.size() < 6 || load_le<std::uint32_t>(frame.data()) != kFrameMagic) return refuse("no zstd frame");
  const auto descriptor = static_cast<unsigned>(frame[4]);
  const bool single_segment = (descriptor & 0x20U) != 0;
  if ((descriptor & 0x08U) != 0) return refuse("reserved bit set");
  if ((descriptor & 0x03U) != 0) return refuse("needs a dictionary");

  std::size_t at = 5;
  std::uint64_t window = decoded_length;
  if (!single_segment) {
    const auto byte = static_cast<unsigned>(frame[at++]);
    const std::uint64_t base = std::uint64_t{1} << (10 + (byte >> 3U));
    window = base + base / 8 * (byte & 7U);
    if (window > kMaxWindow) return refuse("window above 8 MiB");
  }
  const std::size_t size_bytes = std::array<std::size_t, 4>{single_segment ? 1U : 0U, 2, 4, 8}[descriptor >> 6U];
  if (size_bytes == 0) return refuse("content size not stated");
  if (frame.size() < at + size_bytes) return refuse("ends within its header");
  std::uint64_t content_size = load_le_bytes(frame.subspan(at, size_bytes));
  if (size_bytes == 2) content_size += 256;
  if (content_size != decoded_length) {
    return refuse("content size " + std::to_string(content_size) + ", the manifest says " +
                  std::to_string(decoded_length));
  }
  return check_blocks(frame, at + size_bytes, window, (descriptor & 0x04U) != 0);
}

}  // namespace

Result<std::vector<std::byte>> decompress_frame(std::span<const std::byte> frame, std::uint64_t decoded_length) {
  if (Status s = check_frame(frame, decoded_length); !s.ok()) return s;
  std::vector<std::byte> bytes(to_size(decoded_length));
  const std::size_t n = ZSTD_decompress(bytes.data(), bytes.size(), frame.data(), frame.size());
  if (ZSTD_isError(n) != 0) return refuse(ZSTD_getErrorName(n));
  if (n != bytes.size()) return refuse("decompresses to fewer bytes than it states");
  return bytes;
}

std::vector<std::byte> compress_frame(std::span<const std::byte> bytes, int level) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  if (!context) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  std::vector<std::byte> frame(ZSTD_compressBound(bytes.size()));
  const std::size_t n = ZSTD_compress2(context.get(), frame.data(), frame.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(n) != 0) throw std::bad_alloc();
  frame.resize(n);
  return frame;
}

}  // namespace mcnc
