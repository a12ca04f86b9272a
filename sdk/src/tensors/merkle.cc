// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "tensors/merkle.h"

#include <algorithm>
#include <array>
#include <utility>

namespace mcnc {
namespace {

constexpr std::array<std::byte, 1> kLeafPrefix = {std::byte{0}};
constexpr std::array<std::byte, 1> kNodePrefix = {std::byte{1}};

}  // namespace

void MerkleTree::update(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    if (leaf_bytes_ == 0) leaf_.update(kLeafPrefix);
    const std::size_t n = std::min(bytes.size(), kLeafSize - leaf_bytes_);
    leaf_.update(bytes.first(n));
    leaf_bytes_ += n;
    bytes = bytes.subspan(n);
    if (leaf_bytes_ == kLeafSize) finish_leaf();
  }
}

void MerkleTree::update(std::span<const std::byte> bytes, ParallelRunner& runner) {
  const std::size_t open = leaf_bytes_ == 0 ? 0 : std::min(bytes.size(), kLeafSize - leaf_bytes_);
  update(bytes.first(open));
  bytes = bytes.subspan(open);
  std::vector<Digest> leaves(runner.threads() == 1 ? 0 : bytes.size() / kLeafSize);
  const auto hash_leaf = [&](std::size_t i) noexcept {
    Sha256 hash;
    hash.update(kLeafPrefix);
    hash.update(bytes.subspan(i * kLeafSize, kLeafSize));
    leaves[i] = hash.finish();
  };
  if (!leaves.empty()) runner.run(leaves.size(), hash_leaf);
  for (const Digest& leaf : leaves) add_leaf(leaf);
  update(bytes.subspan(leaves.size() * kLeafSize));
}

void MerkleTree::finish_leaf() {
  leaf_bytes_ = 0;
  add_leaf(leaf_.finish());
}

void MerkleTree::add_leaf(Digest root) {
  for (std::uint64_t complete = leaves_; (complete & 1U) != 0; complete >>= 1) {
    root = join(pending_.back(), root);
    pending_.pop_back();
  }
  pending_.push_back(root);
  ++leaves_;
}

Digest MerkleTree::finish() {
  if (leaf_bytes_ > 0) finish_leaf();
  if (std::exchange(leaves_, 0) == 0) return leaf_.finish();
  Digest root = pending_.back();
  for (std::size_t i = pending_.size() - 1; i-- > 0;) root = join(pending_[i], root);
  pending_.clear();
  return root;
}

Digest MerkleTree::join(const Digest& left, const Digest& right) {
  node_.update(kNodePrefix);
  node_.update(left);
  node_.update(right);
  return node_.finish();
}

}  // namespace mcnc
