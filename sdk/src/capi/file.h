// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_CAPI_FILE_H_
#define MCNC_CAPI_FILE_H_

#include "capi/call.h"
#include "mcnc/limits.h"
#include "mcnc/reader.h"

// An open file: what mcnc.h calls a handle is a Reader.
struct mcnc_file {
  static constexpr auto kTag = mcnc::capi::Tag::kFile;
  static constexpr const char* kName = "file";

  mcnc::capi::Tag tag = kTag;
  mcnc::Reader reader;

  static constexpr bool is_forked() noexcept { return false; }  // a file has no threads
};

namespace mcnc::capi {

// What the caller allows; the defaults where `from` is nullptr.
Status limits_of(const mcnc_limits* from, Limits& limits);

}  // namespace mcnc::capi

#endif  // MCNC_CAPI_FILE_H_
