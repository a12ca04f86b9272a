// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "encoder/partition.h"

namespace mcnc {
namespace {

// Rule codes.count: chunks * chunk_dim stays below it.
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 48;

// Product of the shape, or 0 where it is 0 or not below kMaxElements.
std::uint64_t bounded_elements(const std::vector<std::uint64_t>& shape) {
  std::uint64_t elements = 1;
  for (const std::uint64_t dimension : shape) {
    if (dimension == 0 || dimension >= kMaxElements / elements) return 0;
    elements *= dimension;
  }
  return elements;
}

}  // namespace

Result<Partition> make_partition(const std::vector<EncoderTensor>& tensors, std::uint32_t chunk_dim, bool per_tensor) {
  Partition partition;
  std::uint64_t next = 0;
  for (const EncoderTensor& tensor : tensors) {
    const std::uint64_t count = bounded_elements(tensor.shape);
    if (count == 0) {
      return Status(ErrorCode::kArgument, "tensor.generated",
                    "tensor " + tensor.name + " has no elements or too many to be generated");
    }
    if (per_tensor) next = (next + chunk_dim - 1) / chunk_dim * chunk_dim;
    partition.tensors.push_back({next, partition.elements, count});
    next += count;
    partition.elements += count;
    if (next >= kMaxElements - chunk_dim) {
      return Status(ErrorCode::kArgument, "codes.count", "the tensors have too many elements together");
    }
  }
  if (next == 0) return Status(ErrorCode::kArgument, "", "no tensor to encode");
  partition.chunks = (next + chunk_dim - 1) / chunk_dim;
  return partition;
}

}  // namespace mcnc
