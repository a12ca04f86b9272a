// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Fuzz target: whatever the bytes are, opening and verifying them ends with a status. Lengths and digests of the input
// are made right first; otherwise nearly every input would end at container.digest.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "container/preamble.h"
#include "manifest/layout.h"
#include "mcnc/decoder.h"
#include "mcnc/input.h"
#include "mcnc/little_endian.h"
#include "mcnc/reader.h"
#include "util/sha256.h"

namespace {

using namespace mcnc;

using Bytes = std::vector<std::byte>;

constexpr Limits kLimits = {.output_bytes = 1 << 20, .multiply_adds = 10'000'000, .scratch_bytes = 1 << 20};

std::span<std::byte> manifest_of(Bytes& file) {
  return std::span(file).subspan(layout::kPreambleSize, load_le<std::uint64_t>(file.data() + layout::kManifestLength));
}

// Everything in the preamble but the manifest's length, which is kept where it is possible.
void fix_preamble(Bytes& file) {
  const std::uint64_t most = std::min<std::uint64_t>(file.size() - layout::kPreambleSize, layout::kMaxManifestLength);
  const auto wanted = load_le<std::uint64_t>(file.data() + layout::kManifestLength);
  store_le(file.data() + layout::kManifestLength, wanted >= 1 && wanted <= most ? wanted : most);
  const std::span manifest = manifest_of(file);
  std::ranges::copy(build_preamble(manifest, file.size()), file.begin());
}

Result<Reader> open(const Bytes& file) {
  Result<std::unique_ptr<Input>> input = borrow_memory(file);
  if (!input.ok()) return input.status();
  Allowance allowance(kLimits);
  return Reader::open(*std::move(input), allowance);
}

// Writes the digest of each segment's bytes where the manifest has another one.
void fix_segments(Bytes& file) {
  const Result<Reader> reader = open(file);
  if (!reader.ok()) return;
  for (const Segment& segment : reader->manifest().segments) {
    const std::span manifest = manifest_of(file);
    const auto stored = std::span(file).subspan(segment.offset, segment.stored_length);
    const Digest& digest = segment.digest;
    const auto written = std::search(manifest.begin(), manifest.end(), digest.begin(), digest.end());
    if (written != manifest.end()) std::ranges::copy(sha256(stored), written);
  }
  fix_preamble(file);
}

// Whole tensors first, as one call; then each on its own, without its digest, in two parts.
void decode(Reader& reader) {
  Result<Decoder> decoder = Decoder::create(reader);
  if (!decoder.ok()) return;
  const bool verified = decoder->verify().ok();
  const std::vector<Tensor>& tensors = reader.manifest().tensors;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::uint64_t size = size_of(tensors[i].dtype);
    const std::uint64_t elements = tensors[i].elements();
    const std::uint64_t half = elements / 2;
    Bytes out(static_cast<std::size_t>((elements - half) * size));
    const std::span<std::byte> all(out);
    const Status first = decoder->decode_range(i, 0, half, all.first(static_cast<std::size_t>(half * size)));
    const Status second = decoder->decode_range(i, half, elements - half, all);
    if (verified && (!first.ok() || !second.ok())) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= layout::kPreambleSize) return 0;
  const std::span bytes = std::as_bytes(std::span(data, size));
  Bytes file(bytes.begin(), bytes.end());
  fix_preamble(file);
  fix_segments(file);
  if (Result<Reader> reader = open(file); reader.ok()) decode(*reader);
  return 0;
}
