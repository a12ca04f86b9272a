// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "tensors/merkle.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tensors/leaves.h"

namespace mcnc {
namespace {

constexpr std::array<std::byte, 1> kNodePrefix = {std::byte{1}};

}  // namespace

std::span<const std::byte> MerkleTree::fill_leaf(std::span<const std::byte> bytes) {
  if (leaf_bytes_ == 0) return bytes;
  const std::size_t n = std::min(bytes.size(), kLeafSize - leaf_bytes_);
  leaf_.update(bytes.first(n));
  leaf_bytes_ += n;
  if (leaf_bytes_ == kLeafSize) finish_leaf();
  return bytes.subspan(n);
}

void MerkleTree::begin_leaf(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  leaf_.update({&kLeafPrefix, 1});
  leaf_.update(bytes);
  leaf_bytes_ = bytes.size();
}

void MerkleTree::update(std::span<const std::byte> bytes) {
  bytes = fill_leaf(bytes);
  std::array<Digest, kMaxSha256Lanes> hashes;
  while (bytes.size() >= kLeafSize) {
    const std::size_t n = std::min(bytes.size() / kLeafSize, hashes.size());
    hash_leaves(kernels_, bytes.first(n * kLeafSize), std::span(hashes).first(n));
    for (std::size_t i = 0; i < n; ++i) add_leaf(hashes[i]);
    bytes = bytes.subspan(n * kLeafSize);
  }
  begin_leaf(bytes);
}

void MerkleTree::update(std::span<const std::byte> bytes, ParallelRunner& runner) {
  if (runner.threads() == 1) return update(bytes);
  bytes = fill_leaf(bytes);
  std::vector<Digest> hashes(bytes.size() / kLeafSize);
  const std::size_t together = leaves_at_a_time(kernels_);
  const auto hash_some = [&](std::size_t i) noexcept {
    const std::size_t first = i * together;
    const std::size_t n = std::min(together, hashes.size() - first);
    hash_leaves(kernels_, bytes.subspan(first * kLeafSize, n * kLeafSize), std::span(hashes).subspan(first, n));
  };
  if (!hashes.empty()) runner.run((hashes.size() + together - 1) / together, hash_some);
  for (const Digest& hash : hashes) add_leaf(hash);
  begin_leaf(bytes.subspan(hashes.size() * kLeafSize));
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
