// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/zstd_frame.h"

#include <zstd.h>

#include <array>
#include <memory>
#include <new>
#include <string>

#include "base/little_endian.h"

namespace mcnc {
namespace {

constexpr std::uint32_t kFrameMagic = 0xFD2FB528;
constexpr std::uint64_t kMaxWindow = std::uint64_t{8} << 20;

Status refuse(const std::string& why) { return {Code::kCompression, "segment.frame", "zstd segment: " + why}; }

// RFC 8878 section 3.1.1.1: magic, descriptor, window, dictionary id, content size.
Status check_header(std::span<const std::byte> frame, std::uint64_t decoded_length) {
  if (frame.size() < 6 || load_le<std::uint32_t>(frame.data()) != kFrameMagic) return refuse("no zstd frame");
  const auto descriptor = static_cast<unsigned>(frame[4]);
  const bool single_segment = (descriptor & 0x20U) != 0;
  if ((descriptor & 0x08U) != 0) return refuse("reserved bit set");
  if ((descriptor & 0x03U) != 0) return refuse("needs a dictionary");

  std::size_t at = 5;
  if (!single_segment) {
    const auto window = static_cast<unsigned>(frame[at++]);
    const std::uint64_t base = std::uint64_t{1} << (10 + (window >> 3U));
    if (base + base / 8 * (window & 7U) > kMaxWindow) return refuse("window above 8 MiB");
  }
  const std::size_t size_bytes = std::array<std::size_t, 4>{single_segment ? 1U : 0U, 2, 4, 8}[descriptor >> 6U];
  if (size_bytes == 0) return refuse("content size not stated");
  if (frame.size() < at + size_bytes) return refuse("ends within its header");
  std::uint64_t content_size = 0;
  for (std::size_t i = 0; i < size_bytes; ++i) {
    content_size |= static_cast<std::uint64_t>(frame[at + i]) << (8 * i);
  }
  if (size_bytes == 2) content_size += 256;
  if (content_size != decoded_length) {
    return refuse("content size " + std::to_string(content_size) + ", the manifest says " +
                  std::to_string(decoded_length));
  }
  return {};
}

}  // namespace

Result<std::vector<std::byte>> decompress_frame(std::span<const std::byte> frame, std::uint64_t decoded_length) {
  if (Status s = check_header(frame, decoded_length); !s.ok()) return s;
  if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) {
    return refuse("not exactly one frame");
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(decoded_length));
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
