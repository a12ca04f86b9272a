// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A library for LD_PRELOAD that makes one call of a program fail. Counting begins where main() does.
//
// MCNC_FAULT = KIND:N:WHAT fails call number N, from 1, of its kind. KIND is malloc (every function that allocates), or
// a function: open read write fsync ftruncate rename link unlink mkdir fchmod, each with its relatives, such as pread
// and pwrite. N with a + behind it: that call and all after it. WHAT is the number of an errno, or the word short: read
// and write then handle a part of the bytes only.
//
// MCNC_FAULT_COUNTS = FILE: where the process ends, FILE gets a line "KIND CALLS" for each kind.

#undef _FILE_OFFSET_BITS  // the names below are those of the library, not what a header makes of them
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

enum Kind { kMalloc, kOpen, kRead, kWrite, kFsync, kFtruncate, kRename, kLink, kUnlink, kMkdir, kFchmod, kKinds };
constexpr const char* kNames[kKinds] = {"malloc", "open", "read",   "write", "fsync", "ftruncate",
                                        "rename", "link", "unlink", "mkdir", "fchmod"};

std::atomic<bool> counting = false;
std::atomic<long> calls[kKinds];

// What MCNC_FAULT says.
int failing = -1;  // the kind
long from = 0;
bool all_after = false;
int error = 0;  // 0: short

void read_settings() {
  const char* text = std::getenv("MCNC_FAULT");
  if (text == nullptr) return;
  const char* colon = std::strchr(text, ':');
  for (int kind = 0; colon != nullptr && kind < kKinds; ++kind) {
    const auto length = static_cast<std::size_t>(colon - text);
    if (std::strlen(kNames[kind]) == length && std::strncmp(text, kNames[kind], length) == 0) failing = kind;
  }
  if (failing < 0) return;
  char* rest = nullptr;
  from = std::strtol(colon + 1, &rest, 10);
  all_after = *rest == '+';
  if (all_after) ++rest;
  error = static_cast<int>(std::strtol(rest + 1, nullptr, 10));  // 0 of a word
}

// Whether this call of `kind` is one to fail.
bool fails(Kind kind) {
  if (!counting) return false;
  const long call = ++calls[kind];
  return kind == failing && (call == from || (all_after && call > from));
}

// As fails(), for functions that cannot be short; errno is set.
bool fails_with_error(Kind kind) {
  if (!fails(kind) || error == 0) return false;
  errno = error;
  return true;
}

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// A read or write of `size` bytes.
template <typename Call>
ssize_t transfer(Kind kind, std::size_t size, const Call& call) {
  if (!fails(kind)) return call(size);
  if (error == 0) return call(size > 1 ? size / 2 : size);
  errno = error;
  return -1;
}

void write_counts() {
  counting = false;
  const char* path = std::getenv("MCNC_FAULT_COUNTS");
  std::FILE* file = path == nullptr ? nullptr : std::fopen(path, "w");
  if (file == nullptr) return;
  for (int kind = 0; kind < kKinds; ++kind) std::fprintf(file, "%s %ld\n", kNames[kind], calls[kind].load());
  std::fclose(file);
}

int (*real_main)(int, char**, char**);

int counted_main(int argc, char** argv, char** environment) {
  read_settings();
  counting = true;
  const int code = real_main(argc, argv, environment);
  write_counts();
  return code;
}

}  // namespace

extern "C" {

int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(), void (*fini)(),
                      void (*rtld_fini)(), void* stack_end) {
  real_main = main;
  return next<decltype(__libc_start_main)>("__libc_start_main")(counted_main, argc, argv, init, fini, rtld_fini,
                                                                stack_end);
}

void* malloc(std::size_t size) { return fails_with_error(kMalloc) ? nullptr : __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) {
  return fails_with_error(kMalloc) ? nullptr : __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) { return fails_with_error(kMalloc) ? nullptr : __libc_realloc(old, size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return fails_with_error(kMalloc) ? nullptr : __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  void* memory = fails_with_error(kMalloc) ? nullptr : __libc_memalign(alignment, size);
  if (memory != nullptr) *out = memory;
  return memory == nullptr ? ENOMEM : 0;
}

// Programs for files of more than 2 GiB call the names with 64, which do the same on 64-bit machines.
#define MCNC_OPEN(NAME)                                                   \
  int NAME(const char* path, int flags, ...) {                            \
    std::va_list arguments;                                               \
    va_start(arguments, flags);                                           \
    const mode_t mode = va_arg(arguments, mode_t);                        \
    va_end(arguments);                                                    \
    if (fails_with_error(kOpen)) return -1;                               \
    return next<int(const char*, int, mode_t)>(#NAME)(path, flags, mode); \
  }
MCNC_OPEN(open)
MCNC_OPEN(open64)

ssize_t read(int fd, void* bytes, std::size_t size) {
  return transfer(kRead, size, [&](std::size_t n) { return next<decltype(read)>("read")(fd, bytes, n); });
}
ssize_t write(int fd, const void* bytes, std::size_t size) {
  return transfer(kWrite, size, [&](std::size_t n) { return next<decltype(write)>("write")(fd, bytes, n); });
}
#define MCNC_AT(NAME, KIND, BYTES)                                                       \
  ssize_t NAME(int fd, BYTES bytes, std::size_t size, off_t offset) {                    \
    return transfer(KIND, size, [&](std::size_t n) {                                     \
      return next<ssize_t(int, BYTES, std::size_t, off_t)>(#NAME)(fd, bytes, n, offset); \
    });                                                                                  \
  }
MCNC_AT(pread, kRead, void*)
MCNC_AT(pread64, kRead, void*)
MCNC_AT(pwrite, kWrite, const void*)
MCNC_AT(pwrite64, kWrite, const void*)

int fsync(int fd) { return fails_with_error(kFsync) ? -1 : next<decltype(fsync)>("fsync")(fd); }
#define MCNC_FTRUNCATE(NAME)                                                           \
  int NAME(int fd, off_t size) noexcept {                                              \
    return fails_with_error(kFtruncate) ? -1 : next<int(int, off_t)>(#NAME)(fd, size); \
  }
MCNC_FTRUNCATE(ftruncate)
MCNC_FTRUNCATE(ftruncate64)

int rename(const char* from_path, const char* to_path) noexcept {
  return fails_with_error(kRename) ? -1 : next<int(const char*, const char*)>("rename")(from_path, to_path);
}
int renameat2(int a, const char* from_path, int b, const char* to_path, unsigned flags) noexcept {
  if (fails_with_error(kRename)) return -1;
  return next<int(int, const char*, int, const char*, unsigned)>("renameat2")(a, from_path, b, to_path, flags);
}
int link(const char* from_path, const char* to_path) noexcept {
  return fails_with_error(kLink) ? -1 : next<int(const char*, const char*)>("link")(from_path, to_path);
}
int linkat(int a, const char* from_path, int b, const char* to_path, int flags) noexcept {
  if (fails_with_error(kLink)) return -1;
  return next<int(int, const char*, int, const char*, int)>("linkat")(a, from_path, b, to_path, flags);
}
int unlink(const char* path) noexcept {
  return fails_with_error(kUnlink) ? -1 : next<int(const char*)>("unlink")(path);
}
int mkdir(const char* path, mode_t mode) noexcept {
  return fails_with_error(kMkdir) ? -1 : next<int(const char*, mode_t)>("mkdir")(path, mode);
}
int fchmod(int fd, mode_t mode) noexcept {
  return fails_with_error(kFchmod) ? -1 : next<int(int, mode_t)>("fchmod")(fd, mode);
}

}  // extern "C"
