// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What every call of the library returns. The library never prints, aborts or throws across its boundary: an error is
// a Status with a code, the id of the rule it broke (spec/rules.csv), a byte offset where there is one, and a sentence
// for a person. On error no output parameter has a defined value beyond what its function states.
#ifndef MCNC_STATUS_H_
#define MCNC_STATUS_H_

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mcnc {

// Frozen: values are never renumbered or reused. The hundreds are the class, which is also the tools' exit code.
enum class ErrorCode : std::uint16_t {
  kOk = 0,

  // 1: the file is well formed, but its data is not what it says.
  kFileDigest = 100,     // preamble or manifest changed: fetch the file again
  kSegmentDigest = 101,  // a segment changed: fetch the file again
  kFingerprint = 102,    // the expanded generator is not the one trained with: a wrong decoder
  kTensorDigest = 103,   // decoded weights differ: a wrong decoder, or a file written by a wrong encoder
  kIdentity = 104,       // weights identity differs from the expected one
  kBase = 105,           // a base model is missing or is another one than the file was trained on

  // 2: the caller's mistake.
  kArgument = 200,

  // 3: not a well-formed .mcnc file.
  kTruncated = 300,    // ends too early: fetch the file again
  kMagic = 301,        // not a .mcnc file
  kLayout = 302,       // offsets, lengths, padding
  kFlatBuffer = 303,   // the manifest is not a valid FlatBuffer
  kManifest = 304,     // the manifest contradicts itself
  kCompression = 305,  // a segment is not the zstd frames it claims to be
  kValue = 306,        // a number that must be finite or in range is not
  kText = 307,         // a name or key that is not allowed

  // 4: well formed, for a newer or larger decoder.
  kVersion = 400,
  kFeature = 401,

  // 5: the machine under us.
  kRead = 500,
  kWrite = 501,
  kMemory = 502,
  kCancelled = 503,
  kInternal = 504,  // the program itself is at fault

  // 6: allowed by the format, refused by the caller's Limits.
  kLimit = 600,

  // 7: an accelerator failed.
  kDevice = 700,
};

// The exit code of a tool that ends with this code: 0 to 7.
constexpr int exit_code(ErrorCode code) noexcept { return static_cast<int>(code) / 100; }

// The code's name as spec/rules.csv writes it, such as "segment_digest". Static storage.
std::string_view name(ErrorCode code) noexcept;

class [[nodiscard]] Status {
 public:
  static constexpr std::uint64_t kNoOffset = ~std::uint64_t{0};

  Status() noexcept = default;  // ok
  // `rule` must have static storage duration; "" where no rule of the specification is involved.
  Status(ErrorCode code, std::string_view rule, std::string message, std::uint64_t offset = kNoOffset) noexcept
      : code_(code), rule_(rule), message_(std::move(message)), offset_(offset) {}

  bool ok() const noexcept { return code_ == ErrorCode::kOk; }
  ErrorCode code() const noexcept { return code_; }
  std::string_view rule() const noexcept { return rule_; }
  const std::string& message() const noexcept { return message_; }
  // Byte of the file the error is about, or kNoOffset.
  std::uint64_t offset() const noexcept { return offset_; }

  // "message [rule container.magic, byte 0]", one line, without escapes: tools escape what they print.
  std::string to_string() const;

 private:
  ErrorCode code_ = ErrorCode::kOk;
  std::string_view rule_;
  std::string message_;
  std::uint64_t offset_ = kNoOffset;
};

// A value, or the Status that says why there is none: exactly one of both. Whoever makes one of an ok Status has made a
// mistake, and gets kInternal. Reading the value where ok() is false is a programming error: it is asserted, and
// undefined where assertions are off (NDEBUG). One object belongs to one thread at a time.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) noexcept : value_(std::move(value)) {}         // NOLINT(google-explicit-constructor)
  Result(Status status) noexcept : status_(std::move(status)) {  // NOLINT(google-explicit-constructor)
    if (status_.ok()) status_ = Status(ErrorCode::kInternal, "", "no value made");
  }

  bool ok() const noexcept { return value_.has_value(); }
  // Ok exactly where ok() is true.
  const Status& status() const noexcept { return status_; }

  T& operator*() & noexcept { return *checked(value_); }
  const T& operator*() const& noexcept { return *checked(value_); }
  T&& operator*() && noexcept { return *std::move(checked(value_)); }
  T* operator->() noexcept { return &*checked(value_); }
  const T* operator->() const noexcept { return &*checked(value_); }

 private:
  template <typename Value>
  static Value& checked(Value& value) noexcept {
    assert(value.has_value() && "the value of a Result that holds an error");
    return value;
  }

  std::optional<T> value_;
  Status status_;
};

}  // namespace mcnc

#endif  // MCNC_STATUS_H_
