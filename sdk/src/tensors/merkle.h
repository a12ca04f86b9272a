// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The digest of a tensor: an RFC 6962 Merkle tree over leaves of 64 KiB of its decoded bytes, so that it can be checked
// while streaming, in parallel and by range (spec section "tensor digest").
#ifndef MCNC_TENSORS_MERKLE_H_
#define MCNC_TENSORS_MERKLE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "mcnc/manifest.h"
#include "mcnc/parallel.h"
#include "util/sha256.h"

namespace mcnc {

class MerkleTree {
 public:
  explicit MerkleTree(const Kernels& kernels = default_kernels()) noexcept : kernels_(kernels) {}

  // The bytes that follow those of the calls before, any number. The more whole leaves come at a time, up to
  // leaves_at_a_time, the faster.
  void update(std::span<const std::byte> bytes);
  // The same, with the leaves spread over the runner's threads.
  void update(std::span<const std::byte> bytes, ParallelRunner& runner);
  // The hash of the next whole leaf, or of the last one, made elsewhere. Not after a leaf that update() left
  // unfinished.
  void add_leaf(Digest root);
  // The root of everything since construction or the last finish(); starts anew.
  Digest finish();

 private:
  // The bytes up to the end of the leaf that is not whole yet; gives the rest.
  std::span<const std::byte> fill_leaf(std::span<const std::byte> bytes);
  // The beginning of a leaf.
  void begin_leaf(std::span<const std::byte> bytes);
  void finish_leaf();
  Digest join(const Digest& left, const Digest& right);

  const Kernels& kernels_;
  Sha256 leaf_;
  Sha256 node_;
  std::size_t leaf_bytes_ = 0;
  std::uint64_t leaves_ = 0;
  std::vector<Digest> pending_;  // roots of complete subtrees, one a set bit of leaves_, largest first
};

}  // namespace mcnc

#endif  // MCNC_TENSORS_MERKLE_H_
