// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/boundary.h"
#include "mcnc/writer.h"

namespace mcnc {
namespace {

static_assert(sizeof(off_t) == 8, "files larger than 2 GiB need _FILE_OFFSET_BITS=64");

// The mode a plain open() would give a new file.
mode_t default_mode() noexcept {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Status read_error(const std::string& what, int error) { return {Code::kRead, "", what + ": " + std::strerror(error)}; }

Status write_error(const std::string& what, int error) {
  return {Code::kWrite, "", what + ": " + std::strerror(error)};
}

Status ends_early(std::uint64_t size) {
  return {Code::kTruncated, "container.truncated", "the file ends before the bytes it must have", size};
}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

FileDescriptor::~FileDescriptor() { close(); }

bool FileDescriptor::close() noexcept {
  if (fd_ < 0) return true;
  return ::close(std::exchange(fd_, -1)) == 0;
}

Status write_all(int fd, std::span<const std::byte> bytes, const std::string& what) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return write_error(what, errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Status write_all_at(int fd, std::uint64_t offset, std::span<const std::byte> bytes, const std::string& what) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0) {
      if (errno == EINTR) continue;
      return write_error(what, errno);
    }
    offset += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Status read_all_at(int fd, std::uint64_t offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t n = ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
    if (n < 0) {
      if (errno == EINTR) continue;
      return read_error("cannot read", errno);
    }
    if (n == 0) return ends_early(offset);  // cut short while it was open
    offset += static_cast<std::uint64_t>(n);
    out = out.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<AtomicFile> AtomicFile::create(const std::string& path, bool replace) {
  struct stat existing = {};
  const bool exists = ::stat(path.c_str(), &existing) == 0;
  if (exists && !replace) return write_error(path, EEXIST);
  if (exists && !S_ISREG(existing.st_mode)) {
    return Status(Code::kWrite, "", path + ": exists and is no regular file");
  }

  AtomicFile file;
  file.path_ = path;
  file.replace_ = replace;
  std::string sibling = path + ".part-XXXXXX";
  file.file_ = FileDescriptor(::mkstemp(sibling.data()));
  if (!file.file_.valid()) return write_error(path, errno);
  file.sibling_ = std::move(sibling);
  if (::fchmod(file.file_.get(), exists ? existing.st_mode & 07777 : default_mode()) != 0) {
    return write_error(path, errno);
  }
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : file_(std::move(other.file_)),
      path_(std::move(other.path_)),
      sibling_(std::exchange(other.sibling_, {})),
      replace_(other.replace_) {}

AtomicFile::~AtomicFile() {
  if (!sibling_.empty()) ::unlink(sibling_.c_str());
}

Status AtomicFile::write(std::span<const std::byte> bytes) { return write_all(file_.get(), bytes, path_); }

Status AtomicFile::commit() {
  if (::fsync(file_.get()) != 0 || !file_.close()) return write_error(path_, errno);
  // link() refuses to replace a file that appeared since create().
  const int failed = replace_ ? ::rename(sibling_.c_str(), path_.c_str()) : ::link(sibling_.c_str(), path_.c_str());
  if (failed != 0) return write_error(path_, errno);
  if (!replace_) ::unlink(sibling_.c_str());
  sibling_.clear();

  const FileDescriptor folder(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.valid()) ::fsync(folder.get());
  return {};
}

Status replace_file(const std::string& path, std::span<const std::byte> bytes) noexcept {
  return boundary([&]() -> Status {
    Result<AtomicFile> file = AtomicFile::create(path, true);
    if (!file.ok()) return file.status();
    if (Status s = file->write(bytes); !s.ok()) return s;
    return file->commit();
  });
}

}  // namespace mcnc
