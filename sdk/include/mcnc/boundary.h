// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The library's edge: whatever is thrown inside leaves as a Status.
#ifndef MCNC_BOUNDARY_H_
#define MCNC_BOUNDARY_H_

#include "mcnc/status.h"

namespace mcnc {

// What the exception that is being handled means: kMemory where memory or threads are wanting, else kInternal with what
// the exception says. To be called in a catch block.
Status status_of_exception() noexcept;

// body() returns Status or a Result.
template <typename Body>
auto boundary(Body&& body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (...) {
    return status_of_exception();
  }
}

}  // namespace mcnc

#endif  // MCNC_BOUNDARY_H_
