// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

#include "base/boundary.h"
#include "base/file.h"
#include "container/preamble.h"

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

class MemoryInput final : public Input {
 public:
  explicit MemoryInput(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}
  explicit MemoryInput(std::vector<std::byte> owned) noexcept : owned_(std::move(owned)), bytes_(owned_) {}

  bool overlaps(std::span<const std::byte> bytes) const noexcept override {
    const std::less<const std::byte*> before;
    return before(bytes.data(), bytes_.data() + bytes_.size()) && before(bytes_.data(), bytes.data() + bytes.size());
  }
  std::uint64_t size() const noexcept override { return bytes_.size(); }

  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    return boundary([&]() -> Status {
      if (offset > bytes_.size() || out.size() > bytes_.size() - offset) return ends_early(bytes_.size());
      std::ranges::copy(bytes_.subspan(static_cast<std::size_t>(offset), out.size()), out.begin());
      return {};
    });
  }

 private:
  std::vector<std::byte> owned_;
  std::span<const std::byte> bytes_;
};

// Appends up to `more` bytes; fewer only at the end of the stream.
Status append(int fd, std::uint64_t more, std::vector<std::byte>& bytes) {
  constexpr std::uint64_t kStep = 1 << 16;
  while (more > 0) {
    const std::size_t had = bytes.size();
    bytes.resize(had + static_cast<std::size_t>(std::min(more, kStep)));
    const ssize_t n = ::read(fd, bytes.data() + had, bytes.size() - had);
    bytes.resize(had + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n < 0) {
      if (errno == EINTR) continue;
      return read_error("cannot read", errno);
    }
    if (n == 0) break;
    more -= static_cast<std::uint64_t>(n);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Input>> open_file(const std::string& path) noexcept {
  return boundary([&]() -> Result<std::unique_ptr<Input>> {
    // Non-blocking, so that opening a named pipe answers at once; regular files do not care.
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status = {};
    if (!file.valid() || ::fstat(file.get(), &status) != 0) return read_error(path, errno);
    if (S_ISDIR(status.st_mode)) return read_error(path, EISDIR);
    if (!S_ISREG(status.st_mode)) return Status(Code::kRead, "", path + ": no regular file");
    return std::unique_ptr<Input>(
        std::make_unique<FileInput>(std::move(file), static_cast<std::uint64_t>(status.st_size)));
  });
}

Result<std::unique_ptr<Input>> borrow_memory(std::span<const std::byte> bytes) noexcept {
  return boundary(
      [&]() -> Result<std::unique_ptr<Input>> { return std::unique_ptr<Input>(std::make_unique<MemoryInput>(bytes)); });
}

Result<std::unique_ptr<Input>> read_stream(int fd, std::uint64_t max_bytes) noexcept {
  return boundary([&]() -> Result<std::unique_ptr<Input>> {
    std::vector<std::byte> bytes;
    if (Status s = append(fd, layout::kPreambleSize, bytes); !s.ok()) return s;
    const Result<Preamble> preamble = parse_preamble(bytes);
    if (!preamble.ok()) return preamble.status();
    if (preamble->file_length > max_bytes) {
      return Status(Code::kLimit, "",
                    "the stream declares " + std::to_string(preamble->file_length) + " bytes, the limit is " +
                        std::to_string(max_bytes));
    }
    // One byte more than declared, so that trailing data is seen.
    if (Status s = append(fd, preamble->file_length - bytes.size() + 1, bytes); !s.ok()) return s;
    return std::unique_ptr<Input>(std::make_unique<MemoryInput>(std::move(bytes)));
  });
}

}  // namespace mcnc
