// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// New files that appear whole or not at all, one or several in one step: whoever reads the folder meanwhile, or after a
// crash, finds the old files or the new ones. One object belongs to one thread at a time. Functions that make strings
// may throw std::bad_alloc.
#ifndef MCNC_ATOMIC_FILE_H_
#define MCNC_ATOMIC_FILE_H_

#include <cstddef>
#include <span>
#include <string>

#include "mcnc/file.h"
#include "mcnc/status.h"

namespace mcnc {

// The file that `path` stands for after its symbolic links; it need not exist. kWrite where the links run in a circle.
Result<std::string> follow_links(const std::string& path);

// A file that is written in the folder where it will be, and appears there on commit. Where the file system can do so
// it has no name until then, so that nothing is left of it when the process is killed; elsewhere it has a temporary
// name, ".mcnc-" and numbers.
class AtomicFile {
 public:
  // Links of `path` are followed: what a link points to is made or replaced, and the link stays. A new file has the
  // mode that the umask gives it, one that replaces another has the mode of that. kWrite where the file exists and
  // `replace` is false, where it is not a regular file, or where its folder cannot be written.
  static Result<AtomicFile> create(const std::string& path, bool replace);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  // Removes what did not appear.
  ~AtomicFile();

  Status write(std::span<const std::byte> bytes);
  // To write and read it in any order. -1 after close().
  int fd() const noexcept { return file_.get(); }
  // All bytes are written: waits until they are on the disk. The file does not appear yet.
  Status finish();
  // Gives up the descriptor of a finished file, which then has a temporary name: for many files at once.
  Status close();

  // Finishes the file and makes it appear, in one step.
  Status commit();

 private:
  friend class Publication;

  AtomicFile() = default;

  Status give_name();
  // Makes the finished file appear, and replaces what is there if it may.
  Status appear();

  FileDescriptor file_;
  std::string path_;     // as the caller calls it, for messages
  std::string target_;   // what it will be called: path_ after its links
  std::string sibling_;  // its temporary name; empty where it has none
  bool replace_ = false;
};

// Makes `files`, all finished, appear together: on error every file is as it was before. Files called `removed` go away
// in the same step; those that do not exist are skipped. The last of `files` is the one that others look for first,
// such as an index of the rest: where there are several, the old one goes away before anything else changes and the new
// one comes last, so that a process that is killed meanwhile leaves no mixture that looks like a model.
Status commit_together(std::span<AtomicFile* const> files, std::span<const std::string> removed);

}  // namespace mcnc

#endif  // MCNC_ATOMIC_FILE_H_
