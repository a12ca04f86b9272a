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

#include "base/atomic_file.h"
#include "base/file.h"
#include "common/interrupt.h"
#include "common/output.h"

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

class StreamDraftOutput final : public DraftOutput {
 public:
  StreamDraftOutput(FileDescriptor file, const std::string& name, std::unique_ptr<Output> stream)
      : file_(std::move(file)), draft_(file_.get(), name), stream_(std::move(stream)) {}

  Draft& draft() override { return draft_; }

  Status commit() override {
    std::vector<std::byte> piece;
    for (std::uint64_t done = 0; done < draft_.size(); done += piece.size()) {
      if (Status s = check_interrupt(); !s.ok()) return s;
      piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, draft_.size() - done)));
      if (Status s = draft_.read_at(done, piece); !s.ok()) return s;
      if (Status s = stream_->write(piece); !s.ok()) return s;
    }
    return stream_->commit();
  }

 private:
  FileDescriptor file_;
  FileDraft draft_;
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
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (error) return write_error("the temporary folder", error.value());
  std::string name = folder / "mcnc-XXXXXX";
  FileDescriptor file(::mkstemp(name.data()));
  if (!file.valid()) return write_error(name, errno);
  ::unlink(name.c_str());  // gone with the process, however that ends
  return std::unique_ptr<DraftOutput>(std::make_unique<StreamDraftOutput>(std::move(file), name, *std::move(stream)));
}

}  // namespace mcnc::tools
