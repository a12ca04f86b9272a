// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What tests of the public API ask of every function.
#ifndef MCNC_TESTS_SUPPORT_API_H_
#define MCNC_TESTS_SUPPORT_API_H_

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "mcnc/execution.h"
#include "mcnc/status.h"

namespace mcnc::testing {

// Refused as the caller's mistake, with a sentence.
inline bool is_refused(const Status& status) {
  return status.code() == ErrorCode::kArgument && status.message().find(' ') != std::string::npos;
}

template <typename T>
bool is_refused(const Result<T>& result) {
  return is_refused(result.status());
}

// Progress of each call begins at 0, never goes back, and ends at its total.
class Observed {
 public:
  std::function<Status(const Progress&)> callback() {
    return [this](const Progress& progress) -> Status {
      EXPECT_LE(progress.done, progress.total);
      EXPECT_TRUE(progress.done == 0 || progress.done >= last_.done);
      last_ = progress;
      ++calls_;
      return {};
    };
  }
  bool ended() const { return calls_ >= 2 && last_.done == last_.total; }

 private:
  Progress last_;
  int calls_ = 0;
};

}  // namespace mcnc::testing

#endif  // MCNC_TESTS_SUPPORT_API_H_
