// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "mcnc/boundary.h"
#include "mcnc/little_endian.h"
#include "mcnc/manifest.h"
#include "util/sha256.h"

namespace mcnc {
namespace {

template <typename T>
void update_le(Sha256& hash, T value) {
  std::array<std::byte, sizeof(T)> bytes;
  store_le(bytes.data(), value);
  hash.update(bytes);
}

}  // namespace

Result<Digest> weights_identity(std::span<const Tensor> tensors) noexcept {
  return boundary([&]() -> Result<Digest> {
    std::vector<const Tensor*> sorted;
    for (const Tensor& tensor : tensors) {
      if (!tensor.factor) sorted.push_back(&tensor);
    }
    std::ranges::sort(sorted, {}, &Tensor::name);
    constexpr std::string_view kTag("mcnc-weights-v1\0", 16);
    Sha256 hash;
    hash.update(std::as_bytes(std::span(kTag)));
    for (const Tensor* tensor : sorted) {
      update_le(hash, static_cast<std::uint32_t>(tensor->name.size()));
      hash.update(std::as_bytes(std::span(tensor->name)));
      update_le(hash, static_cast<std::uint8_t>(tensor->dtype));
      update_le(hash, static_cast<std::uint32_t>(tensor->shape.size()));
      for (const std::uint64_t dimension : tensor->shape) update_le(hash, dimension);
      hash.update(tensor->digest);
    }
    return hash.finish();
  });
}

}  // namespace mcnc
