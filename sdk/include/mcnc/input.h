// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Where a .mcnc file is read from. read_at is the only input primitive of the library, so anything that can serve a
// byte range (a file, memory, a blob store) can be opened.
#ifndef MCNC_INPUT_H_
#define MCNC_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "mcnc/status.h"

namespace mcnc {

class Input {
 public:
  virtual ~Input() = default;
  // Bytes in all; does not change while the input lives.
  virtual std::uint64_t size() const noexcept = 0;
  // Fills `out` with the bytes from `offset`. kTruncated where they do not all exist, kRead where reading fails.
  // Implementations must not throw; calls from several threads at once must be allowed.
  virtual Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept = 0;
  // Whether it reads from memory that `bytes` is a part of: decoding there would change the file under way.
  virtual bool overlaps(std::span<const std::byte> bytes) const noexcept;
};

// A regular file, kept open. kRead where it cannot be opened or is not a regular file.
Result<std::unique_ptr<Input>> open_file(const std::string& path) noexcept;

// An open input, and what messages call it.
struct NamedInput {
  std::string name;
  std::unique_ptr<Input> input;
};

// Bytes the caller owns and keeps unchanged for the life of the input.
Result<std::unique_ptr<Input>> borrow_memory(std::span<const std::byte> bytes) noexcept;

// All of a pipe or other stream, read to its end into memory. The preamble is looked at first: what is not a .mcnc
// file, or declares more than `max_bytes`, is refused before the rest is read; memory grows only with bytes that
// arrived. `fd` stays the caller's.
Result<std::unique_ptr<Input>> read_stream(int fd, std::uint64_t max_bytes) noexcept;

}  // namespace mcnc

#endif  // MCNC_INPUT_H_
