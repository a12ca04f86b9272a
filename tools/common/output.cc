// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/file.h"

namespace mcnc::tools {
namespace {

const char kStandardOutput[] = "standard output";

class StreamOutput final : public Output {
 public:
  StreamOutput(int fd, std::string name) noexcept : fd_(fd), name_(std::move(name)) {}
  StreamOutput(FileDescriptor owned, std::string name) noexcept
      : owned_(std::move(owned)), fd_(owned_.get()), name_(std::move(name)) {}

  Status write(std::span<const std::byte> bytes) override { return write_all(fd_, bytes, name_); }
  Status commit() override { return {}; }

 private:
  FileDescriptor owned_;
  int fd_;
  std::string name_;
};

class FileOutput final : public Output {
 public:
  explicit FileOutput(AtomicFile file) noexcept : file_(std::move(file)) {}

  Status write(std::span<const std::byte> bytes) override { return file_.write(bytes); }
  Status commit() override { return file_.commit(); }

 private:
  AtomicFile file_;
};

}  // namespace

bool is_stream(const std::string& path) {
  struct stat file = {};
  return path == "-" || (::stat(path.c_str(), &file) == 0 && (S_ISCHR(file.st_mode) || S_ISFIFO(file.st_mode)));
}

Result<std::unique_ptr<Output>> open_output(const std::string& path, bool replace) {
  if (path == "-") return std::unique_ptr<Output>(std::make_unique<StreamOutput>(STDOUT_FILENO, kStandardOutput));
  if (is_stream(path)) {
    FileDescriptor stream(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!stream.valid()) return Status(Code::kWrite, "", path + ": " + std::strerror(errno));
    return std::unique_ptr<Output>(std::make_unique<StreamOutput>(std::move(stream), path));
  }
  if (Status s = check_output(path, replace); !s.ok()) return s;
  Result<AtomicFile> file = AtomicFile::create(path, replace);
  if (!file.ok()) return file.status();
  return std::unique_ptr<Output>(std::make_unique<FileOutput>(*std::move(file)));
}

Status check_output(const std::string& path, bool replace) {
  struct stat existing = {};
  if (is_stream(path) || ::stat(path.c_str(), &existing) != 0) return {};
  if (S_ISDIR(existing.st_mode)) return {Code::kWrite, "", path + ": " + std::strerror(EISDIR)};
  if (!replace) return {Code::kArgument, "", path + ": exists already; --force replaces it"};
  return {};
}

Status print(std::string_view text) {
  return write_all(STDOUT_FILENO, std::as_bytes(std::span(text)), kStandardOutput);
}

}  // namespace mcnc::tools
