// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <string>
#include <string_view>

#include "capi/call.h"
#include "mcnc/version.h"

namespace mcnc::capi {
namespace {

// Of every ErrorCode there is one in mcnc.h, of the same number.
constexpr bool same(ErrorCode code, int32_t number) { return static_cast<int32_t>(code) == number; }
static_assert(same(ErrorCode::kOk, MCNC_OK) && same(ErrorCode::kFileDigest, MCNC_FILE_DIGEST) &&
              same(ErrorCode::kSegmentDigest, MCNC_SEGMENT_DIGEST) && same(ErrorCode::kFingerprint, MCNC_FINGERPRINT) &&
              same(ErrorCode::kTensorDigest, MCNC_TENSOR_DIGEST) && same(ErrorCode::kIdentity, MCNC_IDENTITY) &&
              same(ErrorCode::kBase, MCNC_BASE) && same(ErrorCode::kArgument, MCNC_ARGUMENT) &&
              same(ErrorCode::kTruncated, MCNC_TRUNCATED) && same(ErrorCode::kMagic, MCNC_MAGIC) &&
              same(ErrorCode::kLayout, MCNC_LAYOUT) && same(ErrorCode::kFlatBuffer, MCNC_FLATBUFFER) &&
              same(ErrorCode::kManifest, MCNC_MANIFEST) && same(ErrorCode::kCompression, MCNC_COMPRESSION) &&
              same(ErrorCode::kValue, MCNC_VALUE) && same(ErrorCode::kText, MCNC_TEXT) &&
              same(ErrorCode::kVersion, MCNC_VERSION_UNKNOWN) && same(ErrorCode::kFeature, MCNC_FEATURE) &&
              same(ErrorCode::kRead, MCNC_READ) && same(ErrorCode::kWrite, MCNC_WRITE) &&
              same(ErrorCode::kMemory, MCNC_MEMORY) && same(ErrorCode::kCancelled, MCNC_CANCELLED) &&
              same(ErrorCode::kInternal, MCNC_INTERNAL) && same(ErrorCode::kLimit, MCNC_LIMIT) &&
              same(ErrorCode::kDevice, MCNC_DEVICE));

// The layout that programs in other languages declare for themselves.
static_assert(sizeof(mcnc_error) == 512 && offsetof(mcnc_error, offset) == 8 && offsetof(mcnc_error, rule) == 16 &&
              offsetof(mcnc_error, message) == 80);

// As much of `text` as fits, whole characters of UTF-8, with a 0 behind.
void put(std::string_view text, char* out, std::size_t size) noexcept {
  std::size_t length = std::min(text.size(), size - 1);
  if (length < text.size()) {
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
  }
  text.copy(out, length);
  out[length] = 0;
}

}  // namespace

Status out_of_range(const char* what, std::uint64_t index, std::size_t count) {
  return bad_argument(std::string("no ") + what + " of index " + std::to_string(index) + ": the file has " +
                      std::to_string(count));
}

int32_t report(const Status& status, mcnc_error* error) noexcept {
  const auto code = static_cast<int32_t>(status.code());
  if (error == nullptr) return code;
  error->code = code;
  error->reserved = 0;
  error->offset = status.offset();
  put(status.rule(), error->rule, sizeof(error->rule));
  put(status.message(), error->message, sizeof(error->message));
  return code;
}

}  // namespace mcnc::capi

const char* mcnc_code_name(int32_t code) {
  if (code < 0 || code > 0xffff) return "unknown";
  // name() returns a string literal, which ends with a 0.
  const std::string_view name = mcnc::name(static_cast<mcnc::ErrorCode>(code));
  return name.empty() ? "unknown" : name.data();
}

int32_t mcnc_version(void) { return mcnc::version(); }

const char* mcnc_version_string(void) { return mcnc::version_string().data(); }
