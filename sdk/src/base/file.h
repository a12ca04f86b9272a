// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Files: opened, written so that nobody sees half of one.
#ifndef MCNC_BASE_FILE_H_
#define MCNC_BASE_FILE_H_

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
  // Closes now; false where the system reports that data was lost.
  bool close() noexcept;

 private:
  int fd_;
};

// What the system says, as a Status. `what` names the file.
Status read_error(const std::string& what, int error);
Status write_error(const std::string& what, int error);
// A file of `size` bytes that should have more.
Status ends_early(std::uint64_t size);

// Writes all of `bytes`.
Status write_all(int fd, std::span<const std::byte> bytes, const std::string& what);
Status write_all_at(int fd, std::uint64_t offset, std::span<const std::byte> bytes, const std::string& what);
// Fills `out`. kTruncated where the file ends before.
Status read_all_at(int fd, std::uint64_t offset, std::span<std::byte> out);

// A file that appears whole, on commit, or not at all: a temporary sibling, fsync, rename.
class AtomicFile {
 public:
  // kWrite where `path` exists and `replace` is false, is no regular file, or its folder cannot be written.
  static Result<AtomicFile> create(const std::string& path, bool replace);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  // Removes the sibling where commit() did not succeed.
  ~AtomicFile();

  Status write(std::span<const std::byte> bytes);
  Status commit();
  // Of the sibling, to write and read it in any order.
  int fd() const noexcept { return file_.get(); }

 private:
  AtomicFile() = default;

  FileDescriptor file_;
  std::string path_;
  std::string sibling_;  // empty once there is none
  bool replace_ = false;
};

}  // namespace mcnc

#endif  // MCNC_BASE_FILE_H_
