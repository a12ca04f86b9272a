// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "tensors/merkle.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mcnc/thread_pool.h"
#include "tensors/leaves.h"

namespace mcnc {
namespace {

std::vector<std::byte> pattern(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 251);
  return bytes;
}

// RFC 6962, section 2.1, as it is written there.
Digest definition(std::span<const std::byte> data) {
  std::vector<std::byte> input;
  if (data.size() <= kLeafSize) {
    if (data.empty()) return sha256(data);
    input.push_back(std::byte{0});
    input.insert(input.end(), data.begin(), data.end());
    return sha256(input);
  }
  std::size_t k = kLeafSize;
  while (k * 2 < data.size()) k *= 2;
  const Digest left = definition(data.first(k));
  const Digest right = definition(data.subspan(k));
  input.push_back(std::byte{1});
  input.insert(input.end(), left.begin(), left.end());
  input.insert(input.end(), right.begin(), right.end());
  return sha256(input);
}

class MerkleTreeOf : public testing::TestWithParam<const Kernels*> {};

// Sizes around one, several and many leaves, with more than a group of the widest kernel and what is left of one.
TEST_P(MerkleTreeOf, IsTheTreeOfRfc6962ForAnySizeAndPieces) {
  constexpr std::size_t kLeaf = kLeafSize;
  MerkleTree tree(*GetParam());  // used again and again: finish() must start anew
  ThreadPool two(2);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kLeaf - 1, kLeaf, kLeaf + 1, 2 * kLeaf, 3 * kLeaf,
                                 3 * kLeaf + 5, 4 * kLeaf, 7 * kLeaf + 1, 12 * kLeaf, 16 * kLeaf, 35 * kLeaf + 9}) {
    const std::vector<std::byte> bytes = pattern(size);
    const Digest expected = definition(bytes);
    tree.update(bytes);
    EXPECT_EQ(tree.finish(), expected) << size;
    tree.update(bytes, two);
    EXPECT_EQ(tree.finish(), expected) << size << " on two threads";
    for (const std::size_t piece : {std::size_t{1000}, 17 * kLeaf + 3}) {
      for (std::size_t at = 0; at < size; at += piece) {
        tree.update(std::span(bytes).subspan(at, std::min(piece, size - at)));
      }
      EXPECT_EQ(tree.finish(), expected) << size << " in pieces of " << piece;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, MerkleTreeOf, testing::ValuesIn(supported_kernels()),
                         [](const auto& target) { return std::string(target.param->name); });

TEST(MerkleTree, Empty) {
  EXPECT_EQ(to_hex(MerkleTree().finish()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace mcnc
