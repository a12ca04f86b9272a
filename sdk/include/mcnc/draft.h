// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Files that are being put together, in memory or on a disk. One object belongs to one thread at a time.
#ifndef MCNC_DRAFT_H_
#define MCNC_DRAFT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mcnc/input.h"
#include "mcnc/status.h"

namespace mcnc {

// Bytes that are worked on at a time where they could be too many for memory.
inline constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;

// Called before every piece, with the bytes that were done since the call before; an error ends the work, which returns
// it. Empty: never.
using Proceed = std::function<Status(std::uint64_t)>;

inline Status ask(const Proceed& proceed, std::uint64_t bytes) { return proceed ? proceed(bytes) : Status(); }

// A file that is being put together: bytes in any order, and back again.
class Draft : public Input {
 public:
  // Grows the draft where it ends before; holes are zero. kWrite.
  virtual Status write_at(std::uint64_t offset, std::span<const std::byte> bytes) noexcept = 0;
  // Cuts off what is beyond `size`, or adds zeros up to it.
  virtual Status resize(std::uint64_t size) noexcept = 0;
};

class MemoryDraft final : public Draft {
 public:
  std::uint64_t size() const noexcept override { return bytes_.size(); }
  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override;
  Status write_at(std::uint64_t offset, std::span<const std::byte> bytes) noexcept override;
  Status resize(std::uint64_t size) noexcept override;
  std::vector<std::byte> take() noexcept { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

// In a file that is open for reading and writing, and stays the caller's. `name`: of the file, for messages.
class FileDraft final : public Draft {
 public:
  FileDraft(int fd, std::string name) noexcept : fd_(fd), name_(std::move(name)) {}

  std::uint64_t size() const noexcept override { return size_; }
  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override;
  Status write_at(std::uint64_t offset, std::span<const std::byte> bytes) noexcept override;
  Status resize(std::uint64_t size) noexcept override;

 private:
  int fd_;
  std::string name_;
  std::uint64_t size_ = 0;
};

// Moves `length` bytes from `from` to `to`; the ranges may overlap.
Status move_bytes(Draft& draft, std::uint64_t from, std::uint64_t to, std::uint64_t length, const Proceed& proceed);

// `input` for who wants to own one. It must outlive the result.
std::unique_ptr<Input> borrow(Input& input);

}  // namespace mcnc

#endif  // MCNC_DRAFT_H_
