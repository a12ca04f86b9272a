// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Opens a .mcnc file: preamble, digest, manifest and every rule about them, in the order of spec section "validation".
// Segments are read, checked and decompressed when asked for.
#ifndef MCNC_READER_H_
#define MCNC_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "mcnc/input.h"
#include "mcnc/limits.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

// One open file. A handle: copies share what they have open, and moving copies. Thread-safe as far as the input's
// read_at is, which it must be: any number of threads may call any function of one Reader, or of copies of it.
class Reader {
 public:
  Reader(const Reader&) noexcept;
  Reader& operator=(const Reader&) noexcept;
  ~Reader();

  // Reads the preamble and the manifest (at most 16 MiB), checks them, and takes the file's cost off `allowance`.
  // Errors: everything of classes 1, 3, 4, 5 and 6 that the first bytes can show; kArgument where `input` is nullptr.
  static Result<Reader> open(std::unique_ptr<Input> input, Allowance& allowance) noexcept;

  // Lives, at the same address, as long as a copy of this Reader does, or a Decoder that was made of one.
  const Manifest& manifest() const noexcept;
  // Index of the tensor or metadata entry of that name, by binary search: O(log n). kArgument where there is none.
  Result<std::size_t> find_tensor(std::string_view name) const noexcept;
  Result<std::size_t> find_metadata(std::string_view key) const noexcept;

  // Bytes of the whole file, and of its manifest.
  std::uint64_t file_length() const noexcept;
  std::uint64_t manifest_length() const noexcept;
  // Whether the input reads from memory that `bytes` is a part of.
  bool overlaps(std::span<const std::byte> bytes) const noexcept;
  // SHA-256 over preamble and manifest; through the segment digests it stands for every byte of the file.
  const Digest& file_digest() const noexcept;
  // Of the version 1.minor of the format that the file was written with.
  std::uint16_t format_minor() const noexcept;

  // The decoded bytes of manifest().segments[index]; checks the padding before it, its digest and its frames. kArgument
  // where there is no such segment; kSegmentDigest, kCompression, kLayout, kRead, kTruncated, kMemory.
  Result<std::vector<std::byte>> read_segment(std::size_t index) const noexcept;

  // The same bytes to be read in pieces, best from front to back: going back in a zstd segment starts it anew. The same
  // checks come before the first byte, and that of the digest again behind the last. May outlive the reader.
  Result<std::shared_ptr<Input>> open_segment(std::size_t index) const noexcept;

  // Bytes of the segment as the file has them, compressed or not: `out.size()` of them from `offset` on. Where `offset`
  // is 0 the padding before the segment is checked, else nothing. kArgument where the segment has not as many; kLayout,
  // kRead.
  Status read_stored(std::size_t index, std::uint64_t offset, std::span<std::byte> out) const noexcept;

 private:
  struct State;
  explicit Reader(std::shared_ptr<const State> state) noexcept;

  std::shared_ptr<const State> state_;  // never nullptr: nothing is moved from
};

}  // namespace mcnc

#endif  // MCNC_READER_H_
