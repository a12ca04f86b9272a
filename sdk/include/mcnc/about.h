// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Errors that say which part of a file they are about.
#ifndef MCNC_ABOUT_H_
#define MCNC_ABOUT_H_

#include <cstdint>
#include <string>

#include "mcnc/status.h"

namespace mcnc {

// An error of `subject`, such as "segment 3": its message begins with that, and its offset is `offset` where it has
// none. What is about nothing in the file stays as it is: no memory, a call that was cancelled.
inline Status about(const std::string& subject, const Status& status, std::uint64_t offset = Status::kNoOffset) {
  if (status.code() == ErrorCode::kMemory || status.code() == ErrorCode::kCancelled) return status;
  return {status.code(), status.rule(), subject + ": " + status.message(),
          status.offset() == Status::kNoOffset ? offset : status.offset()};
}

// `status` as one about the file `path`: its message begins with that, once. An ok status stays as it is.
inline Status in_file(const std::string& path, const Status& status) {
  if (status.ok() || status.message().starts_with(path + ": ")) return status;
  return {status.code(), status.rule(), path + ": " + status.message(), status.offset()};
}

}  // namespace mcnc

#endif  // MCNC_ABOUT_H_
