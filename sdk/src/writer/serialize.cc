// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <utility>
#include <vector>

#include "mcnc/atomic_file.h"
#include "mcnc/boundary.h"
#include "mcnc/draft.h"
#include "mcnc/writer.h"

namespace mcnc {

Result<std::vector<std::byte>> serialize(Model model, const WriteOptions& options) noexcept {
  return boundary([&]() -> Result<std::vector<std::byte>> {
    MemoryDraft draft;
    if (Status s = write_draft(std::move(model), options, draft); !s.ok()) return s;
    return draft.take();
  });
}

Status write_file(const std::string& path, Model model, const WriteOptions& options) noexcept {
  return boundary([&]() -> Status {
    Result<AtomicFile> file = AtomicFile::create(path, true);
    if (!file.ok()) return file.status();
    FileDraft draft(file->fd(), path);
    if (Status s = write_draft(std::move(model), options, draft); !s.ok()) return s;
    return file->commit();
  });
}

}  // namespace mcnc
