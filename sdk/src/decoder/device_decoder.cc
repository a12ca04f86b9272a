// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decoder/device_decoder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "tensors/merkle.h"

namespace mcnc {
namespace {

// How much of a tensor is made at a time, whole leaves: where the bytes come back to the host, and where they do not.
// A GPU hashes a leaf a thread, and has tens of thousands of threads.
constexpr std::uint64_t kWindowBytes = std::uint64_t{1} << 26;
constexpr std::uint64_t kHashedTogether = std::uint64_t{1} << 30;

}  // namespace

Result<DeviceDecoder> DeviceDecoder::open(Accelerator& accelerator, Parts& parts) {
  Result<std::shared_ptr<TensorMaker>> maker = accelerator.open(parts);
  if (!maker.ok()) return maker.status();
  return DeviceDecoder(parts, *std::move(maker));
}

Result<Digest> DeviceDecoder::each_window(Executor& executor, std::size_t index, bool hashes, const WindowOf& window_of,
                                          const UseWindow& use) {
  const Tensor& tensor = parts_->reader().manifest().tensors[index];
  // What a tensor without elements is made of is read and checked, too.
  if (tensor.elements() == 0) {
    if (Status s = maker_->make({index, 0, 0}, {}, nullptr); !s.ok()) return s;
  }
  MerkleTree digest(parts_->kernels());
  std::vector<Digest> leaves;
  const std::uint64_t most = (window_of ? kWindowBytes : kHashedTogether) / size_of(tensor.dtype);
  const auto end = [&](std::uint64_t first) { return first + std::min(most, tensor.elements() - first); };
  const auto make = [&](std::uint64_t first, std::uint64_t count, std::span<std::byte> window) -> Status {
    leaves.clear();
    if (Status s = maker_->make({index, first, count}, window, hashes ? &leaves : nullptr); !s.ok()) return s;
    for (const Digest& leaf : leaves) digest.add_leaf(leaf);
    return {};
  };
  if (Status s = mcnc::each_window(tensor, executor, {end, make}, window_of, use); !s.ok()) return s;
  return hashes ? digest.finish() : tensor.digest;
}

Result<Digest> DeviceDecoder::digest(const void* data, std::uint64_t bytes) {
  std::vector<Digest> leaves;
  if (Status s = maker_->hash_on_device(data, bytes, leaves); !s.ok()) return s;
  MerkleTree digest(parts_->kernels());
  for (const Digest& leaf : leaves) digest.add_leaf(leaf);
  return digest.finish();
}

}  // namespace mcnc
