// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/draft_output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "common/interrupt.h"
#include "common/output.h"
#include "mcnc/atomic_file.h"
#include "mcnc/file.h"

namespace mcnc::tools {
namespace {

class FileDraftOutput final : public DraftOutput {
 public:
  FileDraftOutput(AtomicFile file, const std::string& path) : file_(std::move(file)), draft_(file_.fd(), path) {}

  Draft& draft() override { return draft_; }
  Status commit() override { return file_.commit(); }

 private:
  AtomicFile file_;
  FileDraft draft_;
};

// A file in the temporary folder that has no name any more: gone with the process, however that ends.
class TemporaryDraft final : public Draft {
 public:
  TemporaryDraft(FileDescriptor file, const std::string& name) : file_(std::move(file)), draft_(file_.get(), name) {}

  std::uint64_t size() const noexcept override { return draft_.size(); }
  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    return draft_.read_at(offset, out);
  }
  Status write_at(std::uint64_t offset, std::span<const std::byte> bytes) noexcept override {
    return draft_.write_at(offset, bytes);
  }
  Status resize(std::uint64_t size) noexcept override { return draft_.resize(size); }

 private:
  FileDescriptor file_;
  FileDraft draft_;
};

class StreamDraftOutput final : public DraftOutput {
 public:
  StreamDraftOutput(std::unique_ptr<Draft> draft, std::unique_ptr<Output> stream)
      : draft_(std::move(draft)), stream_(std::move(stream)) {}

  Draft& draft() override { return *draft_; }

  Status commit() override {
    std::vector<std::byte> piece;
    for (std::uint64_t done = 0; done < draft_->size(); done += piece.size()) {
      if (Status s = check_interrupt(); !s.ok()) return s;
      piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, draft_->size() - done)));
      if (Status s = draft_->read_at(done, piece); !s.ok()) return s;
      if (Status s = stream_->write(piece); !s.ok()) return s;
    }
    return stream_->commit();
  }

 private:
  std::unique_ptr<Draft> draft_;
  std::unique_ptr<Output> stream_;
};

}  // namespace

Result<std::unique_ptr<DraftOutput>> open_draft(const std::string& path, bool replace) {
  if (!is_stream(path)) {
    if (Status s = check_output(path, replace); !s.ok()) return s;
    Result<AtomicFile> file = AtomicFile::create(path, replace);
    if (!file.ok()) return file.status();
    return std::unique_ptr<DraftOutput>(std::make_unique<FileDraftOutput>(*std::move(file), path));
  }
  Result<std::unique_ptr<Output>> stream = open_output(path, replace);
  if (!stream.ok()) return stream.status();
  Result<std::unique_ptr<Draft>> draft = open_temporary_draft();
  if (!draft.ok()) return draft.status();
  return std::unique_ptr<DraftOutput>(std::make_unique<StreamDraftOutput>(*std::move(draft), *std::move(stream)));
}

Result<std::unique_ptr<Draft>> open_temporary_draft() {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (error) return write_error("the temporary folder", error.value());
  std::string name = folder / "mcnc-XXXXXX";
  FileDescriptor file(::mkstemp(name.data()));
  if (!file.valid()) return write_error(name, errno);
  ::unlink(name.c_str());
  return std::unique_ptr<Draft>(std::make_unique<TemporaryDraft>(std::move(file), name));
}

}  // namespace mcnc::tools
