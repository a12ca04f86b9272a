// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "common/interrupt.h"
#include "common/terminal.h"
#include "mcnc/atomic_file.h"
#include "mcnc/file.h"

namespace mcnc::tools {
namespace {

const char kStandardOutput[] = "standard output";

Status check_no_terminal(int fd, const std::string& name) {
  if (!is_terminal(fd)) return {};
  return {ErrorCode::kArgument, "",
          name + ": a model is not text for a terminal: give a file with --output, or a pipe"};
}

// As write_all(), for what may have to wait for a reader: an interrupt ends the waiting.
Status write_stream(int fd, std::span<const std::byte> bytes, const std::string& name) {
  while (!bytes.empty()) {
    if (Status s = check_interrupt(); !s.ok()) return s;
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {  // our parent has made it non-blocking
      pollfd ready = {fd, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return write_error(name, errno);
    }
  }
  return {};
}

class StreamOutput final : public Output {
 public:
  StreamOutput(int fd, std::string name) noexcept : fd_(fd), name_(std::move(name)) {}
  StreamOutput(FileDescriptor owned, std::string name) noexcept
      : owned_(std::move(owned)), fd_(owned_.get()), name_(std::move(name)) {}

  Status write(std::span<const std::byte> bytes) override { return write_stream(fd_, bytes, name_); }
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

// Opening a named pipe waits for its reader, until an interrupt.
Result<std::unique_ptr<Output>> open_stream(const std::string& path) {
  while (true) {
    FileDescriptor stream(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (stream.valid()) {
      if (Status s = check_no_terminal(stream.get(), path); !s.ok()) return s;
      return std::unique_ptr<Output>(std::make_unique<StreamOutput>(std::move(stream), path));
    }
    if (errno != EINTR) return write_error(path, errno);
    if (Status s = check_interrupt(); !s.ok()) return s;
  }
}

}  // namespace

bool is_stream(const std::string& path) {
  struct stat file = {};
  return path == "-" || (::stat(path.c_str(), &file) == 0 && (S_ISCHR(file.st_mode) || S_ISFIFO(file.st_mode)));
}

Result<std::unique_ptr<Output>> open_output(const std::string& path, bool replace) {
  if (path == "-") {
    if (Status s = check_no_terminal(STDOUT_FILENO, kStandardOutput); !s.ok()) return s;
    return std::unique_ptr<Output>(std::make_unique<StreamOutput>(STDOUT_FILENO, kStandardOutput));
  }
  if (is_stream(path)) return open_stream(path);
  if (Status s = check_output(path, replace); !s.ok()) return s;
  Result<AtomicFile> file = AtomicFile::create(path, replace);
  if (!file.ok()) return file.status();
  return std::unique_ptr<Output>(std::make_unique<FileOutput>(*std::move(file)));
}

Status check_output(const std::string& path, bool replace) {
  if (is_stream(path)) return {};
  const Result<std::string> target = follow_links(path);
  if (!target.ok()) return target.status();
  struct stat existing = {};
  if (::stat(target->c_str(), &existing) != 0) {
    if (errno != ENOENT) return write_error(path, errno);
    const std::string folder = std::filesystem::path(*target).parent_path();
    return ::access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) == 0 ? Status() : write_error(path, errno);
  }
  if (S_ISDIR(existing.st_mode)) return write_error(path, EISDIR);
  if (!replace) return {ErrorCode::kArgument, "", path + ": exists already; --force replaces it"};
  return {};
}

Status write_text(const std::string& path, std::string_view text, bool replace) {
  if (path == "-") return print(text);
  Result<std::unique_ptr<Output>> output = open_output(path, replace);
  if (!output.ok()) return output.status();
  if (Status s = (*output)->write(std::as_bytes(std::span<const char>(text))); !s.ok()) return s;
  return (*output)->commit();
}

Status print(std::string_view text) {
  return write_stream(STDOUT_FILENO, std::as_bytes(std::span<const char>(text)), kStandardOutput);
}

}  // namespace mcnc::tools
