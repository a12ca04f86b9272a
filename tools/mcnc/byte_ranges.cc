// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "byte_ranges.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <utility>

#include "common/escape.h"
#include "container/parse.h"
#include "container/preamble.h"
#include "describe.h"
#include "json_text.h"
#include "manifest/validate.h"
#include "mcnc/about.h"
#include "mcnc/little_endian.h"
#include "util/sha256.h"

namespace mcnc::tools {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kShownBytes = 16;
constexpr std::size_t kPieceSize = 1 << 20;

std::string hex(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte b : bytes.first(std::min(bytes.size(), kShownBytes))) {
    if (!text.empty()) text += ' ';
    text += kDigits[std::to_integer<std::size_t>(b >> 4)];
    text += kDigits[std::to_integer<std::size_t>(b & std::byte{15})];
  }
  return bytes.size() > kShownBytes ? text + " ..." : text;
}

struct Field {
  std::size_t offset;
  std::size_t size;
  const char* name;
  bool is_number;
};

constexpr std::array kFields = std::to_array<Field>({
    {0, layout::kMajor, "magic", false},
    {layout::kMajor, 2, "version major", true},
    {layout::kMinor, 2, "version minor", true},
    {layout::kFeatures, 4, "required features", true},
    {layout::kManifestLength, 8, "manifest length", true},
    {layout::kFileLength, 8, "file length", true},
    {layout::kFileDigest, 32, "file digest", false},
});

std::string value_text(std::span<const std::byte> field) {
  switch (field.size()) {
    case 2:
      return std::to_string(load_le<std::uint16_t>(field.data()));
    case 4:
      return std::to_string(load_le<std::uint32_t>(field.data()));
    default:
      return std::to_string(load_le<std::uint64_t>(field.data()));
  }
}

class Finder {
 public:
  Finder(Input& input, std::vector<ByteRange>& ranges) : input_(input), ranges_(ranges) {}

  Status run();

 private:
  Status add_manifest(const Preamble& preamble);
  Status add_segments(const Manifest& manifest, std::uint64_t end);
  Status add_padding(std::uint64_t begin, std::uint64_t end);
  Status add_segment(const Segment& segment, const std::string& what);
  // From `offset` to the end of the file, unless it has ended.
  Status add_rest(std::uint64_t offset, const std::string& what);
  // The range [offset, offset + size), as much of it as the file has.
  Status add_range(std::uint64_t offset, std::uint64_t size, const std::string& what, std::string note);

  Input& input_;
  std::vector<ByteRange>& ranges_;
};

Status Finder::add_range(std::uint64_t offset, std::uint64_t size, const std::string& what, std::string note) {
  const std::uint64_t there = offset < input_.size() ? std::min(size, input_.size() - offset) : 0;
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(there, kShownBytes + 1)));
  if (there > 0) {
    if (Status s = input_.read_at(offset, bytes); !s.ok()) return s;
  }
  if (there < size) note = "cut off: " + std::to_string(there) + " of them are there";
  ranges_.push_back({offset, size, what, hex(bytes), std::move(note)});
  return {};
}

Status Finder::add_rest(std::uint64_t offset, const std::string& what) {
  return input_.size() > offset ? add_range(offset, input_.size() - offset, what, "") : Status();
}

Status Finder::run() {
  std::array<std::byte, layout::kPreambleSize> buffer{};
  const std::span bytes =
      std::span(buffer).first(static_cast<std::size_t>(std::min<std::uint64_t>(input_.size(), buffer.size())));
  if (Status s = input_.read_at(0, bytes); !s.ok()) return s;
  for (const Field& field : kFields) {
    if (field.offset >= bytes.size()) break;
    const std::string value = field.is_number ? value_text(std::span(buffer).subspan(field.offset, field.size)) : "";
    if (Status s = add_range(field.offset, field.size, field.name, value); !s.ok()) return s;
  }
  const Result<Preamble> preamble = parse_preamble(bytes);
  return preamble.ok() ? add_manifest(*preamble) : add_rest(layout::kPreambleSize, "the rest");
}

Status Finder::add_manifest(const Preamble& preamble) {
  const std::uint64_t end = layout::kPreambleSize + preamble.manifest_length;
  if (input_.size() < end) return add_range(layout::kPreambleSize, preamble.manifest_length, "manifest", "");

  std::array<std::byte, layout::kPreambleSize> head;
  std::vector<std::byte> bytes(static_cast<std::size_t>(preamble.manifest_length));
  if (Status s = input_.read_at(0, head); !s.ok()) return s;
  if (Status s = input_.read_at(layout::kPreambleSize, bytes); !s.ok()) return s;
  const bool intact = file_digest(head, bytes) == preamble.file_digest;
  const char* verdict = intact ? "file digest ok" : "file digest differs";
  if (Status s = add_range(layout::kPreambleSize, bytes.size(), "manifest", verdict); !s.ok()) return s;

  // A manifest that breaks a rule does not say where the segments are.
  const Result<Manifest> manifest = parse_manifest(bytes);
  if (!manifest.ok() || !validate(*manifest, end, preamble.file_length).ok()) return add_rest(end, "the rest");
  Status segments = add_segments(*manifest, end);
  if (Status s = add_rest(preamble.file_length, "trailing bytes"); !s.ok()) return s;
  return segments;
}

Status Finder::add_segments(const Manifest& manifest, std::uint64_t end) {
  const std::vector<std::string> uses = segment_uses(manifest);
  Status first_error;
  const auto keep = [&](Status s) {
    if (first_error.ok()) first_error = std::move(s);
  };
  for (std::size_t i = 0; i < manifest.segments.size() && end < input_.size(); ++i) {
    const Segment& segment = manifest.segments[i];
    const std::string name = "segment " + std::to_string(i);
    const auto about_it = [&](const Status& s) { return s.ok() ? s : about(name, s, segment.offset); };
    keep(about_it(add_padding(end, segment.offset)));
    keep(about_it(add_segment(segment, name + ": " + escape(uses[i]))));
    end = segment.offset + segment.stored_length;
  }
  return first_error;
}

Status Finder::add_padding(std::uint64_t begin, std::uint64_t end) {
  if (begin == end) return {};
  std::array<std::byte, layout::kAlignment> buffer;
  const std::uint64_t there = std::min(end, input_.size()) - begin;
  const std::span bytes = std::span(buffer).first(static_cast<std::size_t>(there));
  if (Status s = input_.read_at(begin, bytes); !s.ok()) return s;
  const bool clean = std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
  if (Status s = add_range(begin, end - begin, "padding", clean ? "" : "not zero"); !s.ok()) return s;
  return clean ? Status() : Status(ErrorCode::kLayout, "segment.padding", "the padding before it is not zero", begin);
}

Status Finder::add_segment(const Segment& segment, const std::string& what) {
  if (segment.offset + segment.stored_length > input_.size()) {
    return add_range(segment.offset, segment.stored_length, what, "");
  }
  Sha256 hash;
  std::vector<std::byte> piece(static_cast<std::size_t>(std::min<std::uint64_t>(segment.stored_length, kPieceSize)));
  for (std::uint64_t done = 0; done < segment.stored_length; done += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(segment.stored_length - done, kPieceSize)));
    if (Status s = input_.read_at(segment.offset + done, piece); !s.ok()) return s;
    hash.update(piece);
  }
  const bool intact = hash.finish() == segment.digest;
  std::string note = segment.encoding == Encoding::kZstd
                         ? "zstd of " + std::to_string(segment.decoded_length) + " bytes, "
                         : std::string("raw, ");
  note += intact ? "digest ok" : "digest differs";
  if (Status s = add_range(segment.offset, segment.stored_length, what, std::move(note)); !s.ok()) return s;
  return intact ? Status()
                : Status(ErrorCode::kSegmentDigest, "segment.digest",
                         "its bytes have changed since the file was written", segment.offset);
}

}  // namespace

Status find_byte_ranges(Input& input, std::vector<ByteRange>& ranges) { return Finder(input, ranges).run(); }

std::string byte_ranges_json(const std::string& file, const std::vector<ByteRange>& ranges) {
  JsonText text("mcnc.dump/1");
  text.add("file", ordered_json(file));
  text.add_list("ranges", ranges, [](const ByteRange& range) {
    return ordered_json{{"offset", range.offset},
                        {"bytes", range.bytes},
                        {"what", range.what},
                        {"first_bytes", range.first_bytes},
                        {"note", range.note}};
  });
  return std::move(text).finish();
}

}  // namespace mcnc::tools
