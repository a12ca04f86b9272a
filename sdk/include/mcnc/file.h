// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Open files, and all of the bytes that are asked for: calls of the system that were interrupted or did only a part are
// repeated. One object belongs to one thread at a time; functions are thread-safe where they have different
// descriptors.
#ifndef MCNC_FILE_H_
#define MCNC_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "mcnc/status.h"

namespace mcnc {

// Owns a file descriptor.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) noexcept : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  int get() const noexcept { return fd_; }
  bool valid() const noexcept { return fd_ >= 0; }
  // Closes now. Errors of what was written come from sync().
  void close() noexcept;

 private:
  int fd_;
};

// What the system says, as a Status. `what` names the file.
Status read_error(const std::string& what, int error);
Status write_error(const std::string& what, int error);
// A file of `size` bytes that should have more.
Status ends_early(std::uint64_t size);

// Waits until everything written is on the disk; false, with errno, where that fails.
bool sync(int fd) noexcept;

// Writes all of `bytes`.
Status write_all(int fd, std::span<const std::byte> bytes, const std::string& what);
Status write_all_at(int fd, std::uint64_t offset, std::span<const std::byte> bytes, const std::string& what);
// Fills `out`. kTruncated where the file ends before.
Status read_all_at(int fd, std::uint64_t offset, std::span<std::byte> out);

}  // namespace mcnc

#endif  // MCNC_FILE_H_
