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
#include "mcnc/boundary.h"

namespace mcnc {
namespace {

// Index of what has that name among `items`, which are sorted by it.
template <typename Item>
Result<std::size_t> find(const std::vector<Item>& items, std::string Item::*name, std::string_view wanted,
                         const char* kind) noexcept {
  return boundary([&]() -> Result<std::size_t> {
    const auto it = std::ranges::lower_bound(items, wanted, {}, name);
    if (it != items.end() && (*it).*name == wanted) return static_cast<std::size_t>(it - items.begin());
    return Status(ErrorCode::kArgument, "", "the file has no " + std::string(kind) + " " + std::string(wanted));
  });
}

}  // namespace

struct Reader::State {
  Status check_segment(std::size_t index) const {
    if (index < manifest.segments.size()) return {};
    return {ErrorCode::kArgument, "", "no segment of index " + std::to_string(index)};
  }

  // Where what precedes the segment ends.
  std::uint64_t previous_end(std::size_t index) const noexcept {
    if (index == 0) return layout::kPreambleSize + manifest_length;
    const Segment& previous = manifest.segments[index - 1];
    return previous.offset + previous.stored_length;
  }

  std::shared_ptr<Input> input;
  Manifest manifest;
  std::uint64_t manifest_length = 0;
  Digest file_digest{};
  std::uint16_t minor = 0;
};

Reader::Reader(std::shared_ptr<const State> state) noexcept : state_(std::move(state)) {}
Reader::Reader(const Reader&) noexcept = default;
Reader& Reader::operator=(const Reader&) noexcept = default;
Reader::~Reader() = default;

Result<Reader> Reader::open(std::unique_ptr<Input> input, Allowance& allowance) noexcept {
  return boundary([&]() -> Result<Reader> {
    if (input == nullptr) return Status(ErrorCode::kArgument, "", "there is no input to open");
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

    return Reader(std::make_shared<const State>(State{std::move(input), *std::move(manifest), preamble->manifest_length,
                                                      preamble->file_digest, preamble->minor}));
  });
}

const Manifest& Reader::manifest() const noexcept { return state_->manifest; }
std::uint64_t Reader::file_length() const noexcept { return state_->input->size(); }
std::uint64_t Reader::manifest_length() const noexcept { return state_->manifest_length; }
bool Reader::overlaps(std::span<const std::byte> bytes) const noexcept { return state_->input->overlaps(bytes); }
const Digest& Reader::file_digest() const noexcept { return state_->file_digest; }
std::uint16_t Reader::format_minor() const noexcept { return state_->minor; }

Result<std::size_t> Reader::find_tensor(std::string_view name) const noexcept {
  return find(manifest().tensors, &Tensor::name, name, "tensor");
}

Result<std::size_t> Reader::find_metadata(std::string_view key) const noexcept {
  return find(manifest().metadata, &Metadata::key, key, "metadata");
}

Status Reader::read_stored(std::size_t index, std::uint64_t offset, std::span<std::byte> out) const noexcept {
  return boundary([&]() -> Status {
    if (Status s = state_->check_segment(index); !s.ok()) return s;
    const Segment& segment = state_->manifest.segments[index];
    if (offset > segment.stored_length || out.size() > segment.stored_length - offset) {
      return {ErrorCode::kArgument, "",
              "segment " + std::to_string(index) + " has " + std::to_string(segment.stored_length) +
                  " stored bytes, not " + std::to_string(out.size()) + " from " + std::to_string(offset) + " on"};
    }
    if (offset == 0) {
      if (Status s = check_padding(*state_->input, state_->previous_end(index), index, segment); !s.ok()) return s;
    }
    return state_->input->read_at(segment.offset + offset, out);
  });
}

Result<std::vector<std::byte>> Reader::read_segment(std::size_t index) const noexcept {
  return boundary([&]() -> Result<std::vector<std::byte>> {
    if (Status s = state_->check_segment(index); !s.ok()) return s;
    return load_segment(*state_->input, state_->previous_end(index), index, manifest().segments[index]);
  });
}

Result<std::shared_ptr<Input>> Reader::open_segment(std::size_t index) const noexcept {
  return boundary([&]() -> Result<std::shared_ptr<Input>> {
    if (Status s = state_->check_segment(index); !s.ok()) return s;
    return segment_input(state_->input, state_->previous_end(index), index, manifest().segments[index]);
  });
}

}  // namespace mcnc
