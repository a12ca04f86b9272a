// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/limits.h"

#include <string>

namespace mcnc {
namespace {

// field: of Limits.
Status refuse(std::string_view rule, const char* what, std::uint64_t asked, const char* field, std::uint64_t left) {
  return {ErrorCode::kLimit, rule,
          "decoding takes " + std::to_string(asked) + " " + what + ", the limit " + field + " leaves " +
              std::to_string(left)};
}

}  // namespace

Status Allowance::spend(const Cost& cost) {
  if (cost.output_bytes > left_.output_bytes) {
    return refuse("limit.output", "bytes of output", cost.output_bytes, "output_bytes", left_.output_bytes);
  }
  if (cost.multiply_adds > left_.multiply_adds) {
    return refuse("limit.multiply_adds", "multiply-adds", cost.multiply_adds, "multiply_adds", left_.multiply_adds);
  }
  if (cost.scratch_bytes > left_.scratch_bytes) {
    return refuse("limit.scratch", "bytes of scratch memory", cost.scratch_bytes, "scratch_bytes", left_.scratch_bytes);
  }
  left_.output_bytes -= cost.output_bytes;
  left_.multiply_adds -= cost.multiply_adds;
  left_.scratch_bytes -= cost.scratch_bytes;
  return {};
}

}  // namespace mcnc
