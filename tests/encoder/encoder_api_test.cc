// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <atomic>
#include <utility>
#include <vector>

#include "mcnc/encoder.h"
#include "support/api.h"

namespace mcnc {
namespace {

using testing::is_refused;

TEST(Encoder, ChecksItsExecution) {
  for (const Execution& execution :
       {Execution{.threads = 0}, Execution{.threads = 1025}, Execution{.target = "nothing"}}) {
    EXPECT_TRUE(is_refused(Encoder::create({{"w", {8}, DType::kF32, {}}}, {.execution = execution})));
  }
}

TEST(Encoder, IsCancelledWithoutChange) {
  std::atomic<bool> cancel = false;
  testing::Observed training;
  Result<Encoder> encoder = Encoder::create(
      {{"w", {3000}, DType::kF32, {}}},
      {.chunk_dim = 64, .execution = {.threads = 2, .cancel = &cancel, .progress = training.callback()}});
  ASSERT_TRUE(encoder.ok());
  std::vector<float> before(3000);
  std::vector<float> after(3000);
  ASSERT_TRUE(encoder->weights(before).ok());
  EXPECT_TRUE(training.ended());
  cancel = true;
  EXPECT_EQ(encoder->step(std::vector<float>(3000, 1.0F), 1).code(), ErrorCode::kCancelled);
  EXPECT_EQ(encoder->weights(after).code(), ErrorCode::kCancelled);
  cancel = false;
  ASSERT_TRUE(encoder->weights(after).ok());
  EXPECT_EQ(before, after);
}

TEST(Encoder, SaysThatItWasMovedFrom) {
  Result<Encoder> made = Encoder::create({{"w", {8}, DType::kF32, {}}}, {.chunk_dim = 8});
  ASSERT_TRUE(made.ok());
  const Encoder encoder = *std::move(made);
  EXPECT_EQ(made->elements(), 0U);
  EXPECT_EQ(made->stored_numbers(), 0U);
  EXPECT_TRUE(is_refused(made->weights({})));
  EXPECT_TRUE(is_refused(made->step({}, 1)));
  EXPECT_TRUE(is_refused(made->model()));
}

}  // namespace
}  // namespace mcnc
