// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "mcnc/boundary.h"
#include "mcnc/file.h"
#include "util/memory_input.h"

namespace mcnc {

bool Input::overlaps(std::span<const std::byte>) const noexcept { return false; }

namespace {

class FileInput final : public Input {
 public:
  FileInput(FileDescriptor file, std::uint64_t size) noexcept : file_(std::move(file)), size_(size) {}

  std::uint64_t size() const noexcept override { return size_; }

  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    return boundary([&]() -> Status {
      if (offset > size_ || out.size() > size_ - offset) return ends_early(size_);
      return read_all_at(file_.get(), offset, out);
    });
  }

 private:
  FileDescriptor file_;
  std::uint64_t size_;
};

}  // namespace

Result<std::unique_ptr<Input>> open_file(const std::string& path) noexcept {
  return boundary([&]() -> Result<std::unique_ptr<Input>> {
    // Non-blocking, so that opening a named pipe answers at once; regular files do not care.
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status = {};
    if (!file.valid() || ::fstat(file.get(), &status) != 0) return read_error(path, errno);
    if (S_ISDIR(status.st_mode)) return read_error(path, EISDIR);
    if (!S_ISREG(status.st_mode)) return Status(ErrorCode::kRead, "", path + ": no regular file");
    return std::unique_ptr<Input>(
        std::make_unique<FileInput>(std::move(file), static_cast<std::uint64_t>(status.st_size)));
  });
}

Result<std::unique_ptr<Input>> borrow_memory(std::span<const std::byte> bytes) noexcept {
  return boundary(
      [&]() -> Result<std::unique_ptr<Input>> { return std::unique_ptr<Input>(std::make_unique<MemoryInput>(bytes)); });
}

}  // namespace mcnc
