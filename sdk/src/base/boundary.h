// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The library's edge: what is thrown inside (by allocation, or for want of threads) leaves as a Status.
#ifndef MCNC_BASE_BOUNDARY_H_
#define MCNC_BASE_BOUNDARY_H_

#include <exception>
#include <new>
#include <stdexcept>
#include <system_error>

#include "mcnc/status.h"

namespace mcnc {

// body() returns Status or a Result.
template <typename Body>
auto boundary(Body&& body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return Status(Code::kMemory, "", "out of memory");  // short enough for a string that allocates nothing
  } catch (const std::length_error&) {
    return Status(Code::kMemory, "", "out of memory");
  } catch (const std::system_error&) {
    return Status(Code::kMemory, "", "no more threads");
  }
}

}  // namespace mcnc

#endif  // MCNC_BASE_BOUNDARY_H_
