// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/backend/fingerprint.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "mcnc/little_endian.h"
#include "model/fingerprint.h"
#include "util/sha256.h"

namespace mcnc::cuda {

Result<Digest> hash_probes(Device& device, unsigned width,
                           const std::function<Result<ProbeOutputs>(unsigned first, unsigned most)>& make) {
  constexpr unsigned kOutputs = 1U << 20;  // made at a time
  Sha256 hash;
  std::array<std::vector<std::uint32_t>, kProbes> outputs;
  std::vector<std::byte> in_order;  // output 0 of all probes, then output 1 of all probes, and so on
  for (unsigned first = 0; first < width;) {
    const Result<ProbeOutputs> made = make(first, std::min(kOutputs, width - first));
    if (!made.ok()) return made.status();
    const auto* numbers = static_cast<const std::uint32_t*>(made->data);
    for (std::size_t t = 0; t < kProbes; ++t) {
      outputs[t].resize(made->count);
      const std::span bytes = std::as_writable_bytes(std::span(outputs[t]));
      if (Status s = device.download(numbers + t * made->stride, bytes); !s.ok()) return s;
    }
    in_order.resize(std::size_t{made->count} * kProbes * sizeof(std::uint32_t));
    std::byte* at = in_order.data();
    for (std::size_t j = 0; j < made->count; ++j) {
      for (std::size_t t = 0; t < kProbes; ++t, at += sizeof(std::uint32_t)) store_le(at, outputs[t][j]);
    }
    hash.update(in_order);
    first += made->count;
  }
  return hash.finish();
}

Status check_fingerprint(const Result<Digest>& made, const Generator& generator) {
  if (!made.ok()) return made.status();
  if (*made == generator.fingerprint) return {};
  return {ErrorCode::kFingerprint, "generator.fingerprint",
          "the device makes another generator of the seed than the one that is expected"};
}

}  // namespace mcnc::cuda
