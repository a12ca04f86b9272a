// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_CAPI_DECODER_H_
#define MCNC_CAPI_DECODER_H_

#include <cstddef>
#include <cstdint>
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

namespace mcnc::capi {

// Runs body(decoder, index, tensor), which returns a Status, for tensor `index`.
template <typename Body>
int32_t with_tensor(mcnc_decoder* decoder, std::uint64_t index, mcnc_error* error, Body&& body) noexcept {
  return call(error, [&]() -> Status {
    if (Status s = check(decoder); !s.ok()) return s;
    const std::vector<Tensor>& tensors = decoder->decoder.manifest().tensors;
    if (index >= tensors.size()) return out_of_range("tensor", index, tensors.size());
    const auto i = static_cast<std::size_t>(index);
    return body(decoder->decoder, i, tensors[i]);
  });
}

}  // namespace mcnc::capi

#endif  // MCNC_CAPI_DECODER_H_
