// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <new>
#include <numeric>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "mcnc/boundary.h"
#include "mcnc/checked_math.h"
#include "mcnc/file_digest.h"
#include "mcnc/input.h"
#include "mcnc/limits.h"
#include "mcnc/thread_pool.h"
#include "util/power_of_two.h"

namespace mcnc {
namespace {

constexpr std::uint64_t kMax = ~std::uint64_t{0};

TEST(Checked, CountsExactlyOrSaturates) {
  EXPECT_EQ((Checked(3) * 5 + 1).value(), 16U);
  EXPECT_EQ((Checked(std::uint64_t{1} << 32) * ((std::uint64_t{1} << 32) - 1)).value(), kMax - 0xFFFFFFFF);
  EXPECT_TRUE((Checked(std::uint64_t{1} << 32) * (std::uint64_t{1} << 32)).overflowed());
  EXPECT_TRUE((Checked(kMax) + 1).overflowed());
  EXPECT_FALSE((Checked(kMax) + 0).overflowed());
  EXPECT_EQ((Checked(kMax) + 1 + 1).value(), kMax);
  EXPECT_TRUE((Checked(2) * (Checked(kMax) * 2)).overflowed());
  EXPECT_EQ((Checked(0) * (Checked(kMax) * 2)).value(), 0U);
}

TEST(FileDigest, IsThatOfAllBytes) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kPiece - 1, kPiece, kPiece + 1, 3 * kPiece}) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i % 251);
    const auto input = borrow_memory(bytes);
    ASSERT_TRUE(input.ok());
    Progress last;
    const Result<Digest> digest = file_sha256(**input, {.progress = [&](const Progress& progress) {
      EXPECT_GE(progress.done, last.done);
      last = progress;
      return Status();
    }});
    ASSERT_TRUE(digest.ok());
    EXPECT_EQ(*digest, sha256(bytes));
    EXPECT_EQ(last.done, size);
    EXPECT_EQ(last.total, size);
  }
}

TEST(FileDigest, StopsWhenItIsTold) {
  const std::vector<std::byte> bytes(10);
  const auto input = borrow_memory(bytes);
  ASSERT_TRUE(input.ok());
  const std::atomic<bool> cancel = true;
  EXPECT_EQ(file_sha256(**input, {.cancel = &cancel}).status().code(), ErrorCode::kCancelled);
}

TEST(Boundary, SaysWhatWasThrown) {
  const Status memory = boundary([]() -> Status { throw std::bad_alloc(); });
  EXPECT_EQ(memory.code(), ErrorCode::kMemory);
  EXPECT_EQ(memory.message(), "out of memory");
  EXPECT_EQ(boundary([]() -> Status { throw std::length_error(""); }).message(), "out of memory");
  EXPECT_EQ(boundary([]() -> Status { throw std::system_error(EAGAIN, std::system_category()); }).message(),
            "no more threads");
  const Status other = boundary([]() -> Status { throw std::runtime_error("surprise"); });
  EXPECT_EQ(other.code(), ErrorCode::kInternal);
  EXPECT_NE(other.message().find("surprise"), std::string::npos);
  EXPECT_EQ(boundary([]() -> Status { throw std::system_error(ENOENT, std::system_category()); }).code(),
            ErrorCode::kInternal);
  EXPECT_EQ(boundary([]() -> Status { throw 7; }).code(), ErrorCode::kInternal);
  EXPECT_EQ(boundary([]() -> Result<int> { throw std::logic_error(""); }).status().code(), ErrorCode::kInternal);
}

TEST(ToSize, RefusesWhatThisMachineCannotAddress) {
  constexpr std::uint64_t kLarge = std::uint64_t{1} << 32;
  EXPECT_EQ(to_size(kLarge - 1), kLarge - 1);
  if constexpr (sizeof(std::size_t) == 4) {
    EXPECT_THROW(static_cast<void>(to_size(kLarge)), std::bad_alloc);
  } else {
    EXPECT_EQ(to_size(kLarge), kLarge);
  }
}

TEST(PowerOfTwo, IsExact) {
  EXPECT_EQ(power_of_two(0), 1.0F);
  EXPECT_EQ(power_of_two(-64), 0x1p-64F);
  EXPECT_EQ(power_of_two(63), 0x1p63F);
}

TEST(Allowance, IsSpentTogetherOrNotAtAll) {
  Allowance allowance({.output_bytes = 100, .multiply_adds = 10, .scratch_bytes = 50});
  EXPECT_TRUE(allowance.spend({60, 5, 20}).ok());
  const Status status = allowance.spend({41, 1, 1});
  EXPECT_EQ(status.code(), ErrorCode::kLimit);
  EXPECT_EQ(status.rule(), "limit.output");
  EXPECT_EQ(allowance.spend({1, 6, 1}).rule(), "limit.multiply_adds");
  EXPECT_EQ(allowance.spend({1, 1, 31}).rule(), "limit.scratch");
  EXPECT_TRUE(allowance.spend({40, 5, 30}).ok());
  EXPECT_EQ(allowance.left().output_bytes, 0U);
}

TEST(Status, SaysWhatRuleAndWhere) {
  EXPECT_EQ(Status(ErrorCode::kMagic, "container.magic", "no", 0).to_string(), "no [rule container.magic, byte 0]");
  EXPECT_EQ(Status(ErrorCode::kRead, "", "no").to_string(), "no");
  EXPECT_EQ(exit_code(ErrorCode::kLimit), 6);
  EXPECT_EQ(exit_code(ErrorCode::kIdentity), 1);
}

TEST(ThreadPool, WhatIsThrownInAPieceIsThrownByTheCaller) {
  ThreadPool pool(3);
  std::atomic<int> done = 0;
  const auto work = [&](std::size_t piece) {
    ++done;
    if (piece % 2 == 1) throw std::bad_alloc();
  };
  EXPECT_EQ(boundary([&]() -> Status {
              run_throwing(pool, 10, work);
              return {};
            }).code(),
            ErrorCode::kMemory);
  EXPECT_EQ(done, 10);
  run_throwing(pool, 1, work);
  EXPECT_EQ(done, 11);
}

TEST(ThreadPool, RunsEveryPieceOnce) {
  for (const std::size_t threads : std::vector<std::size_t>{1, 2, 5}) {
    ThreadPool pool(threads);
    for (const std::size_t pieces : std::vector<std::size_t>{0, 1, 3, 1000}) {
      std::vector<std::atomic<int>> runs(pieces);
      pool.run(pieces, [&](std::size_t piece) { ++runs[piece]; });
      for (const std::atomic<int>& n : runs) EXPECT_EQ(n, 1);
    }
  }
}

}  // namespace
}  // namespace mcnc
