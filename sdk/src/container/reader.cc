// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/reader.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "container/parse.h"
#include "container/preamble.h"
#include "container/segment.h"
#include "manifest/validate.h"
#include "util/boundary.h"

namespace mcnc {
namespace {

Status no_segment(std::size_t index) {
  return {ErrorCode::kArgument, "", "no segment of index " + std::to_string(index)};
}

}  // namespace

Result<Reader> Reader::open(std::unique_ptr<Input> input, Allowance& allowance) noexcept {
  return boundary([&]() -> Result<Reader> {
    const std::uint64_t size = input->size();
    std::array<std::byte, layout::kPreambleSize> buffer;
    const std::span first =
        std::span(buffer).first(static_cast<std::size_t>(std::min<std::uint64_t>(size, buffer.size())));
    if (Status s = input->read_at(0, first); !s.ok()) return s;
    const Result<Preamble> preamble = parse_preamble(first);
    if (!preamble.ok()) return preamble.status();
    if (size < preamble->file_length) {
      return Status(ErrorCode::kTruncated, "container.truncated",
                    "the file has " + std::to_string(size) + " bytes of the " + std::to_string(preamble->file_length) +
                        " it declares: fetch it again",
                    size);
    }
    if (size > preamble->file_length) {
      return Status(ErrorCode::kLayout, "container.trailing", "the file goes on after the length it declares",
                    preamble->file_length);
    }

    std::vector<std::byte> bytes(static_cast<std::size_t>(preamble->manifest_length));
    if (Status s = input->read_at(layout::kPreambleSize, bytes); !s.ok()) return s;
    if (mcnc::file_digest(buffer, bytes) != preamble->file_digest) {
      return Status(ErrorCode::kFileDigest, "container.digest",
                    "preamble or manifest have changed since the file was written", layout::kFileDigest);
    }

    Result<Manifest> manifest = parse_manifest(bytes);
    if (!manifest.ok()) return manifest.status();
    if (Status s = validate(*manifest, layout::kPreambleSize + bytes.size(), size); !s.ok()) return s;
    if (Status s = allowance.spend(manifest->budget); !s.ok()) return s;

    Reader reader;
    reader.input_ = std::move(input);
    reader.manifest_ = *std::move(manifest);
    reader.manifest_length_ = preamble->manifest_length;
    reader.file_digest_ = preamble->file_digest;
    return reader;
  });
}

std::uint64_t Reader::previous_end(std::size_t index) const noexcept {
  if (index == 0) return layout::kPreambleSize + manifest_length_;
  const Segment& previous = manifest_.segments[index - 1];
  return previous.offset + previous.stored_length;
}

Result<std::vector<std::byte>> Reader::read_segment(std::size_t index) noexcept {
  return boundary([&]() -> Result<std::vector<std::byte>> {
    if (index >= manifest_.segments.size()) return no_segment(index);
    return load_segment(*input_, previous_end(index), index, manifest_.segments[index]);
  });
}

Result<std::shared_ptr<Input>> Reader::open_segment(std::size_t index) noexcept {
  return boundary([&]() -> Result<std::shared_ptr<Input>> {
    if (index >= manifest_.segments.size()) return no_segment(index);
    return segment_input(input_, previous_end(index), index, manifest_.segments[index]);
  });
}

}  // namespace mcnc
