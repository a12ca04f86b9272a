// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Files that are read to be written again, changed.
#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "container/assemble.h"
#include "decoder/executor.h"
#include "manifest/layout.h"
#include "manifest/validate.h"
#include "mcnc/boundary.h"
#include "mcnc/input.h"
#include "mcnc/writer.h"

namespace mcnc {
namespace {

Status check_version(const Reader& reader) {
  if (reader.format_minor() <= layout::kVersionMinor) return {};
  return {ErrorCode::kVersion, "container.version",
          "format 1." + std::to_string(reader.format_minor()) +
              " is later than this program: it can read the file, not change it"};
}

// The stored bytes of segment `index` to where `to` places them.
Status copy_segment(const Reader& reader, std::size_t index, const Segment& to, Executor& executor, Draft& draft) {
  const std::uint64_t length = reader.manifest().segments[index].stored_length;
  std::vector<std::byte> piece;
  std::uint64_t done = 0;
  do {
    piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, length - done)));
    if (Status s = executor.step(piece.size()); !s.ok()) return s;
    if (Status s = reader.read_stored(index, done, piece); !s.ok()) return s;
    if (Status s = draft.write_at(to.offset + done, piece); !s.ok()) return s;
    done += piece.size();
  } while (done < length);
  return {};
}

}  // namespace

Result<Model> model_of(const Reader& reader) noexcept {
  return boundary([&]() -> Result<Model> {
    if (Status s = check_version(reader); !s.ok()) return s;
    Model model{reader.manifest(), {}};
    for (std::size_t i = 0; i < model.manifest.segments.size(); ++i) {
      Result<std::shared_ptr<Input>> segment = reader.open_segment(i);
      if (!segment.ok()) return segment.status();
      model.segments.emplace_back(*std::move(segment));
    }
    return model;
  });
}

Status rewrite(const Reader& reader, Manifest& manifest, Draft& draft, const Execution& execution) noexcept {
  return boundary([&]() -> Status {
    if (Status s = check_version(reader); !s.ok()) return s;
    const Result<std::unique_ptr<Executor>> executor = Executor::create(execution);
    if (!executor.ok()) return executor.status();
    const Result<std::vector<std::byte>> head = assemble_head(manifest);
    if (!head.ok()) return head.status();
    const std::vector<Segment>& segments = manifest.segments;
    const std::uint64_t length =
        segments.empty() ? head->size() : segments.back().offset + segments.back().stored_length;
    if (Status s = validate(manifest, head->size(), length); !s.ok()) return s;

    std::uint64_t stored = 0;
    for (const Segment& segment : segments) stored += segment.stored_length;
    (*executor)->begin(stored);
    if (Status s = draft.write_at(0, *head); !s.ok()) return s;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (Status s = copy_segment(reader, i, segments[i], **executor, draft); !s.ok()) return s;
    }
    if (Status s = draft.resize(length); !s.ok()) return s;
    return (*executor)->step(0);
  });
}

}  // namespace mcnc
