// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <new>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "mcnc/boundary.h"
#include "mcnc/writer.h"

namespace mcnc {
namespace {

namespace fs = std::filesystem;

std::string folder_of(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

// Through which a file without a name can be linked.
std::string descriptor_path(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

// A new file without a name; not valid where the system has no such thing.
FileDescriptor open_unnamed(const std::string& folder) {
#ifdef O_TMPFILE
  FileDescriptor file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666));
  if (file.valid() && ::access(descriptor_path(file.get()).c_str(), F_OK) == 0) return file;
#endif
  return FileDescriptor();
}

// A name of the folder that nothing had before, taken by `take`, which fails with EEXIST where it is in use. Empty
// where `take` fails with another error, which errno has. The length does not depend on what the file will be called.
template <typename Take>
std::string take_new_name(const std::string& folder, const Take& take) {
  static std::atomic<unsigned> counter = 0;
  constexpr int kAttempts = 1000;  // others are left of processes that had the same number
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string name = folder + "/.mcnc-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
    if (take(name.c_str())) return name;
    if (errno != EEXIST) break;
  }
  return {};
}

// Renames, and fails with EEXIST where `to` is there.
bool rename_to_new(const char* from, const char* to) {
#ifdef RENAME_NOREPLACE
  if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
#endif
  if (::link(from, to) != 0) return false;
  ::unlink(from);
  return true;
}

void sync_folder(const std::string& folder) noexcept {
  // What fails here is no reason to take back files that are whole.
  const FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.valid()) static_cast<void>(sync(opened.get()));
}

}  // namespace

Result<std::string> follow_links(const std::string& path) {
  constexpr int kMostLinks = 40;
  fs::path at = path;
  for (int links = 0; links < kMostLinks; ++links) {
    std::error_code error;
    if (!fs::is_symlink(fs::symlink_status(at, error))) return at.string();
    const fs::path to = fs::read_symlink(at, error);
    if (error) return write_error(path, error.value());
    at = at.parent_path() / to;
  }
  return write_error(path, ELOOP);
}

Result<AtomicFile> AtomicFile::create(const std::string& path, bool replace) {
  Result<std::string> target = follow_links(path);
  if (!target.ok()) return target.status();
  struct stat existing = {};
  const bool exists = ::stat(target->c_str(), &existing) == 0;
  if (!exists && errno != ENOENT) return write_error(path, errno);
  if (exists && !replace) return write_error(path, EEXIST);
  if (exists && !S_ISREG(existing.st_mode)) {
    return Status(ErrorCode::kWrite, "", path + ": exists and is not a regular file");
  }

  AtomicFile file;
  file.path_ = path;
  file.target_ = *std::move(target);
  file.replace_ = replace;
  const std::string folder = folder_of(file.target_);
  file.file_ = open_unnamed(folder);
  if (!file.file_.valid()) {
    file.sibling_ = take_new_name(folder, [&](const char* name) {
      file.file_ = FileDescriptor(::open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
      return file.file_.valid();
    });
    if (!file.file_.valid()) return write_error(path, errno);
  }
  struct stat made = {};
  if (exists && (::fstat(file.fd(), &made) != 0 ||
                 (made.st_mode != existing.st_mode && ::fchmod(file.fd(), existing.st_mode & 07777) != 0))) {
    return write_error(path, errno);
  }
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : file_(std::move(other.file_)),
      path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      sibling_(std::exchange(other.sibling_, {})),
      replace_(other.replace_) {}

AtomicFile::~AtomicFile() {
  if (!sibling_.empty()) ::unlink(sibling_.c_str());
}

Status AtomicFile::write(std::span<const std::byte> bytes) { return write_all(fd(), bytes, path_); }

Status AtomicFile::finish() {
  if (file_.valid() && !sync(fd())) return write_error(path_, errno);
  return {};
}

Status AtomicFile::close() {
  if (Status s = give_name(); !s.ok()) return s;
  file_.close();  // its bytes are on the disk: no error of theirs can come any more
  return {};
}

Status AtomicFile::give_name() {
  if (!sibling_.empty()) return {};
  const std::string unnamed = descriptor_path(fd());
  sibling_ = take_new_name(folder_of(target_), [&](const char* name) {
    return ::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
  });
  return sibling_.empty() ? write_error(path_, errno) : Status();
}

Status AtomicFile::appear() {
  if (sibling_.empty()) {
    const std::string unnamed = descriptor_path(fd());
    if (::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, target_.c_str(), AT_SYMLINK_FOLLOW) == 0) return {};
    if (errno != EEXIST || !replace_) return write_error(path_, errno);
    if (Status s = give_name(); !s.ok()) return s;
  }
  const bool done =
      replace_ ? ::rename(sibling_.c_str(), target_.c_str()) == 0 : rename_to_new(sibling_.c_str(), target_.c_str());
  if (!done) return write_error(path_, errno);
  sibling_.clear();
  return {};
}

Status AtomicFile::commit() {
  AtomicFile* const file = this;
  if (Status s = finish(); !s.ok()) return s;
  return commit_together({&file, 1}, {});
}

// What commit_together() has changed so far, and how it was before.
class Publication {
 public:
  // Takes back everything that is not kept.
  ~Publication() {
    if (!kept_) static_cast<void>(take_back());
  }

  Status replace(std::span<AtomicFile* const> files, std::span<const std::string> removed);
  void keep() noexcept;
  // `why` things could not go on, and what of them could not be taken back.
  Status take_back(const Status& why);

 private:
  struct Change {
    std::string path;
    std::string aside;  // where the old file is; empty: `path` is new
  };

  Status put_aside(const std::string& path, const std::string& called);
  // The names of old files that could not be given back.
  std::string take_back() noexcept;

  std::vector<Change> changes_;
  std::set<std::string> folders_;  // of the files
  bool kept_ = false;
};

Status Publication::replace(std::span<AtomicFile* const> files, std::span<const std::string> removed) {
  // So that nothing is changed that could not be noted.
  changes_.reserve(2 * files.size() + removed.size());
  for (const AtomicFile* file : files) folders_.insert(folder_of(file->target_));
  const auto set_aside = [&](const AtomicFile& file) {
    return file.replace_ ? put_aside(file.target_, file.path_) : Status();
  };
  if (files.size() > 1) {
    if (Status s = set_aside(*files.back()); !s.ok()) return s;
  }
  for (const std::string& path : removed) {
    if (Status s = put_aside(path, path); !s.ok()) return s;
  }
  for (AtomicFile* file : files) {
    if (file != files.back()) {
      if (Status s = set_aside(*file); !s.ok()) return s;
    }
    Change change{file->target_, {}};
    if (Status s = file->appear(); !s.ok()) return s;
    changes_.push_back(std::move(change));
  }
  return {};
}

// The old file takes the place of a new one, of a temporary name: rename() works where hard links do not exist.
Status Publication::put_aside(const std::string& path, const std::string& called) {
  struct stat existing = {};
  if (::lstat(path.c_str(), &existing) != 0) return errno == ENOENT ? Status() : write_error(called, errno);
  Change change{path, take_new_name(folder_of(path), [](const char* name) {
                  return FileDescriptor(::open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)).valid();
                })};
  if (change.aside.empty()) return write_error(called, errno);
  if (::rename(path.c_str(), change.aside.c_str()) != 0) {
    const int error = errno;
    ::unlink(change.aside.c_str());
    return error == ENOENT ? Status() : write_error(called, error);  // another process has removed it
  }
  changes_.push_back(std::move(change));
  return {};
}

void Publication::keep() noexcept {
  kept_ = true;
  for (const Change& change : changes_) {
    if (!change.aside.empty()) ::unlink(change.aside.c_str());
  }
  for (const std::string& folder : folders_) sync_folder(folder);
}

std::string Publication::take_back() noexcept {
  kept_ = true;
  std::string lost;
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
    if (change->aside.empty()) {
      ::unlink(change->path.c_str());
    } else if (::rename(change->aside.c_str(), change->path.c_str()) != 0) {
      try {
        lost += (lost.empty() ? "" : ", ") + change->aside;
      } catch (const std::bad_alloc&) {
        lost = "hidden";  // .mcnc-* in the folder
      }
    }
  }
  return lost;
}

Status Publication::take_back(const Status& why) {
  const std::string lost = take_back();
  if (lost.empty()) return why;
  return {why.code(), why.rule(), why.message() + "; old files could not be put back and are now " + lost};
}

Status commit_together(std::span<AtomicFile* const> files, std::span<const std::string> removed) {
  Publication publication;
  if (Status s = publication.replace(files, removed); !s.ok()) return publication.take_back(s);
  publication.keep();
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
