// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/zstd_case.h"

#include <zstd.h>

#include <algorithm>
#include <atomic>
#include <utility>

namespace mcnc::tools {
namespace {

constexpr int kLevel = 3;  // zstd's own default
constexpr std::size_t kFrame = std::size_t{1} << 22;

}  // namespace

Result<ZstdWeights> ZstdWeights::compress(std::span<const std::byte> weights) {
  ZstdWeights compressed;
  compressed.size_ = weights.size();
  for (std::size_t first = 0; first < weights.size(); first += kFrame) {
    const std::span in = weights.subspan(first, std::min(kFrame, weights.size() - first));
    std::vector<std::byte> frame(ZSTD_compressBound(in.size()));
    const std::size_t size = ZSTD_compress(frame.data(), frame.size(), in.data(), in.size(), kLevel);
    if (ZSTD_isError(size) != 0) return Status(ErrorCode::kMemory, "", ZSTD_getErrorName(size));
    frame.resize(size);
    frame.shrink_to_fit();
    compressed.frames_.push_back(std::move(frame));
  }
  return compressed;
}

Case ZstdWeights::decompress_case(std::span<std::byte> out, ParallelRunner& threads) const {
  return {.name = "zstd-3",
          .threads = static_cast<unsigned>(threads.threads()),
          .bytes = size_,
          .weights = size_ / sizeof(float),
          .run = [this, out, &threads] {
            std::atomic<bool> failed = false;
            threads.run(frames_.size(), [&](std::size_t i) {
              const std::span part = out.subspan(i * kFrame, std::min(kFrame, size_ - i * kFrame));
              const std::size_t size = ZSTD_decompress(part.data(), part.size(), frames_[i].data(), frames_[i].size());
              if (size != part.size()) failed = true;
            });
            return failed ? Status(ErrorCode::kMemory, "", "zstd could not decompress its frames") : Status();
          }};
}

}  // namespace mcnc::tools
