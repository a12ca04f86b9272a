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

Result<Digest> DeviceDecoder::each_window(Executor& executor, std::size_t index, bool hashes,
                                          const TensorDecoder::WindowOf& window_of, const TensorDecoder::Use& use) {
  const Tensor& tensor = parts_->reader().manifest().tensors[index];
  const std::uint64_t size = size_of(tensor.dtype);
  const std::uint64_t most = (window_of ? kWindowBytes : kHashedTogether) / size;
  MerkleTree digest(parts_->kernels());
  std::vector<Digest> leaves;
  std::uint64_t first = 0;
  do {  // once at least: a tensor without elements is made of something, too
    const std::uint64_t count = std::min(most, tensor.elements() - first);
    const std::span<std::byte> window = window_of ? window_of(first * size, count * size) : std::span<std::byte>();
    leaves.clear();
    if (Status s = maker_->make({index, first, count}, window, hashes ? &leaves : nullptr); !s.ok()) return s;
    for (const Digest& leaf : leaves) digest.add_leaf(leaf);
    if (Status s = use(first * size, window); !s.ok()) return s;
    if (Status s = executor.advance(count * size); !s.ok()) return s;
    first += count;
  } while (first < tensor.elements());
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
