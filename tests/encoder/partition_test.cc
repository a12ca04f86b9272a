// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "encoder/partition.h"

#include <gtest/gtest.h>

#include <limits>

namespace mcnc {
namespace {

EncoderTensor tensor(std::vector<std::uint64_t> shape) { return {"t", std::move(shape), DType::kF32, {}}; }

TEST(Partition, FlatLeavesNoGap) {
  const auto partition = make_partition({tensor({3, 5}), tensor({}), tensor({7})}, 8, false);
  ASSERT_TRUE(partition.ok());
  EXPECT_EQ(partition->elements, 23U);
  EXPECT_EQ(partition->chunks, 3U);
  EXPECT_EQ(partition->tensors[1].first_element, 15U);
  EXPECT_EQ(partition->tensors[2].first_element, 16U);
}

TEST(Partition, PerTensorStartsAtChunks) {
  const auto partition = make_partition({tensor({3, 3}), tensor({8}), tensor({1})}, 8, true);
  ASSERT_TRUE(partition.ok());
  EXPECT_EQ(partition->elements, 18U);
  EXPECT_EQ(partition->chunks, 4U);
  EXPECT_EQ(partition->tensors[1].first_element, 16U);
  EXPECT_EQ(partition->tensors[1].offset, 9U);
  EXPECT_EQ(partition->tensors[2].first_element, 24U);
}

TEST(Partition, ChunksVisitEveryElementOnce) {
  for (const bool per_tensor : {false, true}) {
    for (const std::uint32_t chunk_dim : {1U, 4U, 7U, 100U}) {
      const auto partition = make_partition({tensor({13}), tensor({1}), tensor({2, 9})}, chunk_dim, per_tensor);
      ASSERT_TRUE(partition.ok());
      std::uint64_t next = 0;
      for (std::uint64_t chunk = 0; chunk < partition->chunks; ++chunk) {
        visit_chunk(*partition, chunk_dim, chunk, [&](const ChunkPiece& piece) {
          const TensorRange& range = partition->tensors[piece.tensor];
          EXPECT_EQ(piece.offset, next);
          EXPECT_GE(piece.count, 1U);
          EXPECT_LE(piece.begin + piece.count, chunk_dim);
          EXPECT_EQ(chunk * chunk_dim + piece.begin - range.first_element, piece.offset - range.offset);
          next += piece.count;
        });
      }
      EXPECT_EQ(next, partition->elements);
    }
  }
}

TEST(Partition, RefusesNothingAndTooMuch) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(make_partition({}, 8, false).status().code(), ErrorCode::kArgument);
  EXPECT_EQ(make_partition({tensor({4, 0})}, 8, false).status().code(), ErrorCode::kArgument);
  EXPECT_EQ(make_partition({tensor({kMost})}, 8, false).status().code(), ErrorCode::kArgument);
  EXPECT_EQ(make_partition({tensor({std::uint64_t{1} << 32, std::uint64_t{1} << 32})}, 8, false).status().code(),
            ErrorCode::kArgument);
  EXPECT_EQ(
      make_partition({tensor({std::uint64_t{1} << 47}), tensor({std::uint64_t{1} << 47})}, 8, false).status().code(),
      ErrorCode::kArgument);
}

}  // namespace
}  // namespace mcnc
