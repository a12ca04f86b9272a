// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/boundary.h"

#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

namespace mcnc {
namespace {

// A message that needs no memory: short enough to stand inside the string.
Status plain(ErrorCode code, const char* message) noexcept { return {code, "", message}; }

Status internal(const char* what) noexcept {
  try {
    return {ErrorCode::kInternal, "", std::string("internal error, please report it: ") + what};
  } catch (...) {
    return plain(ErrorCode::kInternal, "internal error");
  }
}

}  // namespace

Status status_of_exception() noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return plain(ErrorCode::kMemory, "out of memory");
  } catch (const std::length_error&) {
    return plain(ErrorCode::kMemory, "out of memory");
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::resource_unavailable_try_again) return plain(ErrorCode::kMemory, "no more threads");
    return internal(error.what());
  } catch (const std::exception& error) {
    return internal(error.what());
  } catch (...) {
    return internal("an exception of unknown type");
  }
}

}  // namespace mcnc
