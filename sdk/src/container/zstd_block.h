// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Compressed blocks of Zstandard (RFC 8878, section 3.1.1.3) to bytes.
//
// Why this is here, although libzstd decodes them too: libzstd does not refuse all that the RFC calls corrupted - bits
// left over at the end of a stream, bits read beyond it, an offset of 0 - and what it takes depends on its version.
// 1.5.4 and 1.5.7 even decode some of it to different bytes. Which files are valid must not depend on the library.
// Frames are written with libzstd; what they hold is read by this.
#ifndef MCNC_CONTAINER_ZSTD_BLOCK_H_
#define MCNC_CONTAINER_ZSTD_BLOCK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "container/zstd_entropy.h"

namespace mcnc::zstd {

// The compressed blocks of one frame at a time, with what each hands on to the next: tables, and the last offsets.
class BlockDecoder {
 public:
  // The most that a block, and here a frame, decodes to.
  static constexpr std::size_t kMaxContent = std::size_t{128} << 10;

  BlockDecoder();

  // To be called before the first block of a frame.
  void begin_frame() noexcept;
  // Decodes a block to content[filled ...] and moves `filled` behind it. content: that of the whole frame, at most
  // kMaxContent bytes; matches reach back to its start. False where the block is not as the RFC says, decodes to
  // nothing or to more than is left; behind `filled` there may be anything then.
  bool decode(std::span<const std::byte> block, std::span<std::byte> content, std::size_t& filled) noexcept;

 private:
  bool read_literals(std::span<const std::byte> block, std::size_t at_most, std::span<const std::byte>& literals,
                     std::size_t& size) noexcept;
  bool read_tables(std::span<const std::byte> data, std::size_t& at) noexcept;
  bool run_sequences(std::span<const std::byte> stream, std::size_t count, std::span<const std::byte>& literals,
                     std::span<std::byte> content, std::size_t& filled) noexcept;
  std::size_t take_offset(std::uint32_t value, bool no_literals) noexcept;

  bool has_tables_ = false;  // of this frame
  std::array<StateTable, 3> tables_;
  bool has_code_ = false;  // of this frame
  LiteralCode code_;
  std::array<std::uint32_t, 3> recent_{};  // offsets, the last one first
  std::vector<std::byte> literals_;
};

}  // namespace mcnc::zstd

#endif  // MCNC_CONTAINER_ZSTD_BLOCK_H_
