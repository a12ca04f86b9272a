// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/preamble.h"

#include <algorithm>
#include <string>

#include "mcnc/little_endian.h"
#include "util/sha256.h"

namespace mcnc {

Result<Preamble> parse_preamble(std::span<const std::byte> bytes) {
  const std::span magic = std::as_bytes(std::span(layout::kMagic));
  const std::size_t seen = std::min(bytes.size(), magic.size());
  if (!std::ranges::equal(bytes.first(seen), magic.first(seen))) {
    return Status(ErrorCode::kMagic, "container.magic", "not a .mcnc file: the first bytes are not the signature", 0);
  }
  if (bytes.size() < layout::kPreambleSize) {
    return Status(ErrorCode::kTruncated, "container.short", "the file ends within its first 64 bytes", bytes.size());
  }

  const std::byte* base = bytes.data();
  if (const auto major = load_le<std::uint16_t>(base + layout::kMajor); major != layout::kVersionMajor) {
    return Status(ErrorCode::kVersion, "container.version",
                  "format version " + std::to_string(major) + " is not one this decoder knows (1)", layout::kMajor);
  }
  if (const auto features = load_le<std::uint32_t>(base + layout::kFeatures);
      (features & ~layout::kKnownFeatures) != 0) {
    return Status(ErrorCode::kFeature, "container.features",
                  "the file needs features this decoder does not have (bits " + std::to_string(features) + ")",
                  layout::kFeatures);
  }

  Preamble preamble;
  preamble.minor = load_le<std::uint16_t>(base + layout::kMinor);
  preamble.manifest_length = load_le<std::uint64_t>(base + layout::kManifestLength);
  preamble.file_length = load_le<std::uint64_t>(base + layout::kFileLength);
  std::copy_n(base + layout::kFileDigest, preamble.file_digest.size(), preamble.file_digest.begin());
  if (preamble.manifest_length == 0 || preamble.manifest_length > layout::kMaxManifestLength ||
      preamble.file_length < layout::kPreambleSize + preamble.manifest_length) {
    return Status(ErrorCode::kLayout, "container.manifest_length",
                  "a manifest of " + std::to_string(preamble.manifest_length) + " bytes does not fit a file of " +
                      std::to_string(preamble.file_length) + " (1 byte to 16 MiB are allowed)",
                  layout::kManifestLength);
  }
  return preamble;
}

std::array<std::byte, layout::kPreambleSize> build_preamble(std::span<const std::byte> manifest,
                                                            std::uint64_t file_length) {
  std::array<std::byte, layout::kPreambleSize> bytes{};
  std::ranges::copy(std::as_bytes(std::span(layout::kMagic)), bytes.begin());
  store_le(bytes.data() + layout::kMajor, layout::kVersionMajor);
  store_le(bytes.data() + layout::kMinor, layout::kVersionMinor);
  store_le(bytes.data() + layout::kFeatures, std::uint32_t{0});
  store_le(bytes.data() + layout::kManifestLength, std::uint64_t{manifest.size()});
  store_le(bytes.data() + layout::kFileLength, file_length);
  std::ranges::copy(file_digest(bytes, manifest), bytes.begin() + layout::kFileDigest);
  return bytes;
}

Digest file_digest(std::span<const std::byte> preamble, std::span<const std::byte> manifest) {
  Sha256 hash;
  hash.update(preamble.first(layout::kFileDigest));
  hash.update(manifest);
  return hash.finish();
}

}  // namespace mcnc
