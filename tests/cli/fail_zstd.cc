// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A library to preload: the allocation number FAIL_AT (1 is the first) that libzstd asks for fails, all others succeed.

#include <dlfcn.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>

extern "C" {

void* __libc_malloc(std::size_t size);                     // NOLINT: glibc's own names
void* __libc_calloc(std::size_t count, std::size_t size);  // NOLINT

namespace {

bool fails(const void* caller) {
  Dl_info library;
  if (::dladdr(caller, &library) == 0 || library.dli_fname == nullptr) return false;
  if (std::strstr(library.dli_fname, "libzstd") == nullptr) return false;
  static std::atomic<long> made = 0;
  const char* at = std::getenv("FAIL_AT");
  return at != nullptr && ++made == std::atol(at);
}

}  // namespace

void* malloc(std::size_t size) noexcept {
  if (!fails(__builtin_return_address(0))) return __libc_malloc(size);
  errno = ENOMEM;
  return nullptr;
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  if (!fails(__builtin_return_address(0))) return __libc_calloc(count, size);
  errno = ENOMEM;
  return nullptr;
}

}  // extern "C"
