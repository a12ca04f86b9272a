// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/status.h"

namespace mcnc {

std::string_view name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kOk:
      return "ok";
    case ErrorCode::kFileDigest:
      return "file_digest";
    case ErrorCode::kSegmentDigest:
      return "segment_digest";
    case ErrorCode::kFingerprint:
      return "fingerprint";
    case ErrorCode::kTensorDigest:
      return "tensor_digest";
    case ErrorCode::kIdentity:
      return "identity";
    case ErrorCode::kBase:
      return "base";
    case ErrorCode::kArgument:
      return "argument";
    case ErrorCode::kTruncated:
      return "truncated";
    case ErrorCode::kMagic:
      return "magic";
    case ErrorCode::kLayout:
      return "layout";
    case ErrorCode::kFlatBuffer:
      return "flatbuffer";
    case ErrorCode::kManifest:
      return "manifest";
    case ErrorCode::kCompression:
      return "compression";
    case ErrorCode::kValue:
      return "value";
    case ErrorCode::kText:
      return "text";
    case ErrorCode::kVersion:
      return "version";
    case ErrorCode::kFeature:
      return "feature";
    case ErrorCode::kRead:
      return "read";
    case ErrorCode::kWrite:
      return "write";
    case ErrorCode::kMemory:
      return "memory";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kInternal:
      return "internal";
    case ErrorCode::kLimit:
      return "limit";
    case ErrorCode::kDevice:
      return "device";
  }
  return "unknown";
}

std::string Status::to_string() const {
  std::string text = message_;
  const bool has_offset = offset_ != kNoOffset;
  if (rule_.empty() && !has_offset) return text;
  text += " [";
  if (!rule_.empty()) text.append("rule ").append(rule_);
  if (!rule_.empty() && has_offset) text += ", ";
  if (has_offset) text += "byte " + std::to_string(offset_);
  return text + "]";
}

}  // namespace mcnc
