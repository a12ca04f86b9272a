// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/assemble.h"

#include <algorithm>

#include "container/build.h"
#include "container/preamble.h"
#include "manifest/layout.h"
#include "mcnc/checked_math.h"

namespace mcnc {
namespace {

// Answers where the file ends.
std::uint64_t place(std::vector<Segment>& segments, std::uint64_t manifest_end) {
  std::uint64_t end = manifest_end;
  for (Segment& segment : segments) {
    segment.offset = layout::align_up(end);
    end = segment.offset + segment.stored_length;
  }
  return end;
}

}  // namespace

Result<std::vector<std::byte>> assemble_head(Manifest& manifest) {
  // The length of a FlatBuffer does not depend on the value of a scalar that is not its default, and no offset is 0:
  // any first placement gives the length that the true one needs.
  place(manifest.segments, layout::kPreambleSize);
  const std::uint64_t manifest_end = layout::kPreambleSize + build_manifest(manifest).size();
  if (manifest_end - layout::kPreambleSize > layout::kMaxManifestLength) {
    return Status(ErrorCode::kLayout, "container.manifest_length", "the manifest would be longer than 16 MiB");
  }
  const std::uint64_t file_length = place(manifest.segments, manifest_end);
  const std::vector<std::byte> manifest_bytes = build_manifest(manifest);

  std::vector<std::byte> head(to_size(manifest_end));
  std::ranges::copy(build_preamble(manifest_bytes, file_length), head.begin());
  std::ranges::copy(manifest_bytes, head.begin() + layout::kPreambleSize);
  return head;
}

}  // namespace mcnc
