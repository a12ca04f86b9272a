// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Which weights of the codes are which elements of which tensor.
#ifndef MCNC_ENCODER_PARTITION_H_
#define MCNC_ENCODER_PARTITION_H_

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "mcnc/encoder.h"
#include "mcnc/status.h"

namespace mcnc {

// Where one tensor lies.
struct TensorRange {
  std::uint64_t first_element = 0;  // among the chunks * chunk_dim weights of the codes
  std::uint64_t offset = 0;         // among the elements of all tensors, one after the other
  std::uint64_t count = 0;
};

struct Partition {
  std::vector<TensorRange> tensors;  // in the order given; first_element ascends
  std::uint64_t elements = 0;
  std::uint64_t chunks = 0;
};

// Flat: the tensors follow one another without a gap. per_tensor: each starts at the start of a chunk.
Result<Partition> make_partition(const std::vector<EncoderTensor>& tensors, std::uint32_t chunk_dim, bool per_tensor);

// A piece of a chunk that belongs to one tensor.
struct ChunkPiece {
  std::size_t tensor = 0;
  std::size_t begin = 0;     // within the chunk
  std::uint64_t offset = 0;  // among the elements of all tensors
  std::size_t count = 0;
};

// Calls visit(ChunkPiece) for the pieces of one chunk, in order.
template <typename Visit>
void visit_chunk(const Partition& partition, std::uint32_t chunk_dim, std::uint64_t chunk, const Visit& visit) {
  const std::uint64_t first = chunk * chunk_dim;
  const std::uint64_t end = first + chunk_dim;
  const std::vector<TensorRange>& tensors = partition.tensors;
  auto tensor = std::partition_point(tensors.begin(), tensors.end(),
                                     [&](const TensorRange& t) { return t.first_element + t.count <= first; });
  for (; tensor != tensors.end() && tensor->first_element < end; ++tensor) {
    const std::uint64_t from = std::max(first, tensor->first_element);
    const std::uint64_t to = std::min(end, tensor->first_element + tensor->count);
    visit(ChunkPiece{static_cast<std::size_t>(tensor - tensors.begin()), static_cast<std::size_t>(from - first),
                     tensor->offset + (from - tensor->first_element), static_cast<std::size_t>(to - from)});
  }
}

}  // namespace mcnc

#endif  // MCNC_ENCODER_PARTITION_H_
