// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/status.h"

namespace mcnc {

std::string_view name(Code code) noexcept {
  switch (code) {
    case Code::kOk:
      return "ok";
    case Code::kFileDigest:
      return "file_digest";
    case Code::kSegmentDigest:
      return "segment_digest";
    case Code::kFingerprint:
      return "fingerprint";
    case Code::kTensorDigest:
      return "tensor_digest";
    case Code::kIdentity:
      return "identity";
    case Code::kBase:
      return "base";
    case Code::kArgument:
      return "argument";
    case Code::kTruncated:
      return "truncated";
    case Code::kMagic:
      return "magic";
    case Code::kLayout:
      return "layout";
    case Code::kFlatBuffer:
      return "flatbuffer";
    case Code::kManifest:
      return "manifest";
    case Code::kCompression:
      return "compression";
    case Code::kValue:
      return "value";
    case Code::kText:
      return "text";
    case Code::kVersion:
      return "version";
    case Code::kFeature:
      return "feature";
    case Code::kRead:
      return "read";
    case Code::kWrite:
      return "write";
    case Code::kMemory:
      return "memory";
    case Code::kCancelled:
      return "cancelled";
    case Code::kInternal:
      return "internal";
    case Code::kLimit:
      return "limit";
    case Code::kDevice:
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
