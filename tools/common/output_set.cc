// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/output_set.h"

#include <system_error>
#include <utility>

#include "mcnc/file.h"

namespace mcnc::tools {
namespace {

// Beyond these, files are closed as soon as they are whole: a process may often have no more than 1024 open.
constexpr std::size_t kMostOpen = 128;

class SetOutput final : public Output {
 public:
  SetOutput(AtomicFile& file, bool closes) noexcept : file_(file), closes_(closes) {}

  Status write(std::span<const std::byte> bytes) override { return file_.write(bytes); }
  Status commit() override {
    const Status s = file_.finish();
    return s.ok() && closes_ ? file_.close() : s;
  }

 private:
  AtomicFile& file_;
  bool closes_;
};

}  // namespace

OutputSet::OutputSet(OutputSet&& other) noexcept
    : made_(std::exchange(other.made_, {})), files_(std::move(other.files_)), removed_(std::move(other.removed_)) {}

OutputSet::~OutputSet() {
  files_.clear();
  std::error_code no_matter;
  if (!made_.empty()) std::filesystem::remove(made_, no_matter);
}

Status OutputSet::make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::create_directory(folder, error)) made_ = folder;
  return error ? write_error(folder.string(), error.value()) : Status();
}

Result<std::unique_ptr<Output>> OutputSet::open(const std::string& path, bool replace) {
  if (Status s = check_output(path, replace); !s.ok()) return s;
  Result<AtomicFile> file = AtomicFile::create(path, replace);
  if (!file.ok()) return file.status();
  files_.push_back(std::make_unique<AtomicFile>(*std::move(file)));
  return std::unique_ptr<Output>(std::make_unique<SetOutput>(*files_.back(), files_.size() > kMostOpen));
}

Status OutputSet::commit() {
  std::vector<AtomicFile*> files;
  for (const auto& file : files_) files.push_back(file.get());
  const Status s = commit_together(files, removed_);
  if (s.ok()) made_.clear();
  return s;
}

}  // namespace mcnc::tools
