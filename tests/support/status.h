// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// ASSERT_OK(expression) and EXPECT_OK(expression) for a Status or a Result: what went wrong is part of the failure.
#ifndef MCNC_TESTS_SUPPORT_STATUS_H_
#define MCNC_TESTS_SUPPORT_STATUS_H_

#include <gtest/gtest.h>

#include "mcnc/status.h"

namespace mcnc::testing {

inline ::testing::AssertionResult is_ok(const Status& status) {
  return status.ok() ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << status.to_string();
}

template <typename T>
::testing::AssertionResult is_ok(const Result<T>& result) {
  return result.ok() ? ::testing::AssertionSuccess() : is_ok(result.status());
}

}  // namespace mcnc::testing

#define EXPECT_OK(expression) EXPECT_TRUE(::mcnc::testing::is_ok(expression))
#define ASSERT_OK(expression) ASSERT_TRUE(::mcnc::testing::is_ok(expression))

#endif  // MCNC_TESTS_SUPPORT_STATUS_H_
