// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_CAPI_DECODER_H_
#define MCNC_CAPI_DECODER_H_

#include <memory>
#include <vector>

#include "capi/call.h"
#include "capi/execution.h"
#include "mcnc/decoder.h"

// A decoder, and what must live as long as it does.
struct mcnc_decoder {
  static constexpr auto kTag = mcnc::capi::Tag::kDecoder;
  static constexpr const char* kName = "decoder";

  mcnc::capi::Tag tag = kTag;
  std::unique_ptr<mcnc::capi::ExecutionState> execution;
  std::vector<std::unique_ptr<mcnc::BaseModel>> bases;  // that the caller's functions supply; nullptr: none
  std::vector<std::shared_ptr<void>> models;            // that were supplied from files
  mcnc::Decoder decoder;

  bool is_forked() const noexcept { return execution->is_forked(); }
};

#endif  // MCNC_CAPI_DECODER_H_
