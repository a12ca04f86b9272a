// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Opens a .mcnc file: preamble, digest, manifest and every rule about them, in the order of spec section "validation".
// Segments are read, checked and decompressed when asked for.
#ifndef MCNC_READER_H_
#define MCNC_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "mcnc/input.h"
#include "mcnc/limits.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

class Reader {
 public:
  // Reads the preamble and the manifest (at most 16 MiB), checks them, and takes the file's cost off `allowance`.
  // Errors: everything of classes 1, 3, 4, 5 and 6 that the first bytes can show.
  static Result<Reader> open(std::unique_ptr<Input> input, Allowance& allowance) noexcept;

  const Manifest& manifest() const noexcept { return manifest_; }
  std::uint64_t file_length() const noexcept { return input_->size(); }
  std::uint64_t manifest_length() const noexcept { return manifest_length_; }
  // Whether the input reads from memory that `bytes` is a part of.
  bool overlaps(std::span<const std::byte> bytes) const noexcept { return input_->overlaps(bytes); }
  // SHA-256 over preamble and manifest; through the segment digests it stands for every byte of the file.
  const Digest& file_digest() const noexcept { return file_digest_; }

  // The decoded bytes of segments()[index]; checks the padding before it, its digest and its frames.
  Result<std::vector<std::byte>> read_segment(std::size_t index) noexcept;

  // The same bytes to be read in pieces, best from front to back: going back in a zstd segment starts it anew. The same
  // checks come before the first byte, and that of the digest again behind the last. May outlive the reader.
  Result<std::shared_ptr<Input>> open_segment(std::size_t index) noexcept;

 private:
  Reader() = default;
  // Where what precedes the segment ends.
  std::uint64_t previous_end(std::size_t index) const noexcept;

  std::shared_ptr<Input> input_;
  Manifest manifest_;
  std::uint64_t manifest_length_ = 0;
  Digest file_digest_{};
};

}  // namespace mcnc

#endif  // MCNC_READER_H_
