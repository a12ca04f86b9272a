// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/file_digest.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mcnc/boundary.h"
#include "util/sha256.h"

namespace mcnc {
namespace {

constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;

Status before_piece(const Execution& execution, std::uint64_t done, std::uint64_t total) {
  if (execution.cancel != nullptr && *execution.cancel) return {ErrorCode::kCancelled, "", "cancelled"};
  return execution.progress ? execution.progress({done, total}) : Status();
}

}  // namespace

Result<Digest> file_sha256(Input& input, const Execution& execution) noexcept {
  return boundary([&]() -> Result<Digest> {
    const std::uint64_t size = input.size();
    std::vector<std::byte> piece(static_cast<std::size_t>(std::min(size, kPiece)));
    Sha256 hash;
    for (std::uint64_t done = 0; done < size;) {
      if (Status s = before_piece(execution, done, size); !s.ok()) return s;
      const std::span<std::byte> bytes =
          std::span(piece).first(static_cast<std::size_t>(std::min(size - done, kPiece)));
      if (Status s = input.read_at(done, bytes); !s.ok()) return s;
      hash.update(bytes);
      done += bytes.size();
    }
    if (Status s = before_piece(execution, size, size); !s.ok()) return s;
    return hash.finish();
  });
}

}  // namespace mcnc
