// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What every function of mcnc.h is made of: handles that can be told from one another, and the one way out, which turns
// a Status, or an exception, into a code and the caller's mcnc_error.
#ifndef MCNC_CAPI_CALL_H_
#define MCNC_CAPI_CALL_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "mcnc.h"
#include "mcnc/boundary.h"
#include "mcnc/status.h"

namespace mcnc::capi {

// The first member of each handle. A handle that is destroyed loses it, so that many a use after that is noticed.
enum class Tag : std::uint32_t {
  kGone = 0,
  kFile = 0x4d434e46,
  kDecoder = 0x4d434e44,
  kEncoder = 0x4d434e45,
  kGeneratorCache = 0x4d434e47,
  kAccelerator = 0x4d434e41,
  kExpander = 0x4d434e58,
  kWriter = 0x4d434e57,
};

inline Status bad_argument(std::string message) { return {ErrorCode::kArgument, "", std::move(message)}; }

// Of an index that is not below `count`. what: "tensor", "base", ...
Status out_of_range(const char* what, std::uint64_t index, std::size_t count);

// kArgument unless `handle` is one that its create function returned.
template <typename Handle>
Status check(const Handle* handle) {
  if (handle == nullptr) return bad_argument(std::string("the ") + Handle::kName + " is NULL");
  if (handle->tag != Handle::kTag) {
    return bad_argument(std::string("the handle is not that of an open ") + Handle::kName);
  }
  if (!handle->is_forked()) return {};
  return bad_argument(std::string("the ") + Handle::kName + " has threads or a device, which a fork leaves behind");
}

// Fills in `error`, if there is one, and returns the code.
int32_t report(const Status& status, mcnc_error* error) noexcept;

// Carries out body(), which returns a Status.
template <typename Body>
int32_t call(mcnc_error* error, Body&& body) noexcept {
  return report(boundary(body), error);
}

// Ends a handle; `handle` may be nullptr, or what is not one. In the child of a fork the threads that it would wait for
// do not exist: its memory stays, as the child has it from its parent.
template <typename Handle>
void destroy(Handle* handle) noexcept {
  if (handle == nullptr || handle->tag != Handle::kTag) return;
  static_cast<volatile Tag&>(handle->tag) = Tag::kGone;  // volatile: or it would be left out, as nobody may read it
  if (!handle->is_forked()) delete handle;
}

// Calls a function of the caller's, which may be C++ and throw: what it returns, or kInternal. `what` names it.
template <typename Function, typename... Arguments>
Result<int> call_back(const char* what, Function function, Arguments... arguments) noexcept {
  return boundary([&]() -> Result<int> {
    try {
      return function(arguments...);
    } catch (...) {
      return Status(ErrorCode::kInternal, "", std::string("the ") + what + " function threw an exception");
    }
  });
}

// The structure that the caller filled in: the part that it knows of, and the defaults of `value` for the rest. One of
// a later version is accepted where what this library does not know of it is 0.
template <typename Struct>
Status take(const Struct* from, Struct& value) {
  constexpr std::size_t kMostBytes = 4096;
  if (from == nullptr) return {};
  const std::size_t size = from->struct_size;
  if (size < sizeof(std::size_t) || size > kMostBytes || size % alignof(Struct) != 0) {
    return bad_argument("struct_size is not the size of the structure: the init function sets it");
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(from);
  if (size > sizeof(Struct) &&
      std::any_of(bytes + sizeof(Struct), bytes + size, [](unsigned char b) { return b != 0; })) {
    return bad_argument("the structure asks for something that this version of the library does not have");
  }
  std::memcpy(static_cast<void*>(&value), from, std::min(size, sizeof(Struct)));
  return {};
}

// The same for structure number `index` of an array, whose structures all have the size that the first one states. The
// ones before it have been taken.
template <typename Struct>
Status take_from_array(const Struct* array, std::size_t index, Struct& value) {
  const auto* bytes = reinterpret_cast<const std::byte*>(array) + index * array->struct_size;
  return take(reinterpret_cast<const Struct*>(bytes), value);
}

}  // namespace mcnc::capi

#endif  // MCNC_CAPI_CALL_H_
