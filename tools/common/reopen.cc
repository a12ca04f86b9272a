// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/reopen.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/draft.h"
#include "base/little_endian.h"
#include "common/interrupt.h"
#include "common/recognize.h"
#include "container/assemble.h"
#include "container/layout.h"
#include "manifest/validate.h"

namespace mcnc::tools {
namespace {

// Lets a reader and its owner use one input.
class SharedInput final : public Input {
 public:
  explicit SharedInput(std::shared_ptr<Input> input) noexcept : input_(std::move(input)) {}

  std::uint64_t size() const noexcept override { return input_->size(); }
  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    return input_->read_at(offset, out);
  }

 private:
  std::shared_ptr<Input> input_;
};

Status copy(Input& input, const Segment& segment, Output& output) {
  std::vector<std::byte> piece;
  for (std::uint64_t first = 0; first < segment.stored_length; first += piece.size()) {
    if (Status s = check_interrupt(); !s.ok()) return s;
    piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, segment.stored_length - first)));
    if (Status s = input.read_at(segment.offset + first, piece); !s.ok()) return s;
    if (Status s = output.write(piece); !s.ok()) return s;
  }
  return {};
}

}  // namespace

Result<Reopened> reopen(std::unique_ptr<Input> input, const Limits& limits) {
  const std::shared_ptr<Input> shared = std::move(input);
  Allowance allowance(limits);
  Result<Reader> reader = Reader::open(std::make_unique<SharedInput>(shared), allowance);
  if (!reader.ok()) return explain(reader.status(), *shared, Wanted::kMcnc);
  std::array<std::byte, layout::kPreambleSize> preamble;
  if (Status s = shared->read_at(0, preamble); !s.ok()) return s;
  const auto minor = load_le<std::uint16_t>(preamble.data() + layout::kMinor);
  if (minor > layout::kVersionMinor) {
    return Status(
        Code::kVersion, "container.version",
        "format 1." + std::to_string(minor) + " is later than this program: it can read the file, not change it");
  }
  return Reopened{shared, *std::move(reader)};
}

Result<Model> model_of(Reader& reader) {
  Model model{reader.manifest(), {}};
  for (std::size_t i = 0; i < model.manifest.segments.size(); ++i) {
    Result<std::shared_ptr<Input>> segment = reader.open_segment(i);
    if (!segment.ok()) return segment.status();
    model.segments.emplace_back(*std::move(segment));
  }
  return model;
}

Status write_again(const Reopened& file, Manifest manifest, Output& output) {
  constexpr std::array<std::byte, layout::kAlignment> kPadding{};
  const Result<std::vector<std::byte>> head = assemble_head(manifest);
  if (!head.ok()) return head.status();
  std::uint64_t end = head->size();
  const std::uint64_t length =
      manifest.segments.empty() ? end : manifest.segments.back().offset + manifest.segments.back().stored_length;
  if (Status s = validate(manifest, end, length); !s.ok()) return s;

  if (Status s = output.write(*head); !s.ok()) return s;
  for (std::size_t i = 0; i < manifest.segments.size(); ++i) {
    const std::uint64_t padding = manifest.segments[i].offset - end;
    if (Status s = output.write(std::span(kPadding).first(static_cast<std::size_t>(padding))); !s.ok()) return s;
    if (Status s = copy(*file.input, file.reader.manifest().segments[i], output); !s.ok()) return s;
    end = manifest.segments[i].offset + manifest.segments[i].stored_length;
  }
  return {};
}

}  // namespace mcnc::tools
