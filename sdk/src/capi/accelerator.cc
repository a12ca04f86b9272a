// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Decoding on a GPU.
#include "capi/accelerator.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "capi/decoder.h"
#include "mcnc/cuda.h"

using namespace mcnc;        // NOLINT(google-build-using-namespace): functions of C have none of their own
using namespace mcnc::capi;  // NOLINT(google-build-using-namespace)

void mcnc_cuda_options_init(mcnc_cuda_options* options) {
  if (options == nullptr) return;
  *options = {};
  options->struct_size = sizeof(mcnc_cuda_options);
}

int32_t mcnc_open_cuda(const mcnc_cuda_options* options, mcnc_accelerator** accelerator, mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (accelerator == nullptr) return bad_argument("there is no place for the handle: accelerator is NULL");
    *accelerator = nullptr;
    mcnc_cuda_options taken{};
    if (Status s = take(options, taken); !s.ok()) return s;
    Result<std::shared_ptr<Accelerator>> opened = open_cuda({.device = taken.device, .stream = taken.stream});
    if (!opened.ok()) return opened.status();
    std::string name((*opened)->name());
    *accelerator = new mcnc_accelerator{mcnc_accelerator::kTag, *std::move(opened), std::move(name), ::getpid()};
    return {};
  });
}

void mcnc_accelerator_destroy(mcnc_accelerator* accelerator) { destroy(accelerator); }

const char* mcnc_accelerator_name(const mcnc_accelerator* accelerator) {
  return accelerator == nullptr || accelerator->tag != mcnc_accelerator::kTag ? nullptr : accelerator->name.c_str();
}

int32_t mcnc_decode_range_to_device(mcnc_decoder* decoder, uint64_t index, uint64_t first, uint64_t count, void* out,
                                    uint64_t bytes, mcnc_error* error) {
  return with_tensor(decoder, index, error, [&](Decoder& with, std::size_t i, const Tensor&) {
    return with.decode_range_to_device(i, first, count, out, bytes);
  });
}

int32_t mcnc_check_on_device(mcnc_decoder* decoder, uint64_t index, const void* data, uint64_t bytes,
                             mcnc_error* error) {
  return with_tensor(decoder, index, error,
                     [&](Decoder& with, std::size_t i, const Tensor&) { return with.check_on_device(i, data, bytes); });
}

int32_t mcnc_decode_to_device(mcnc_decoder* decoder, uint64_t index, void* out, uint64_t bytes, mcnc_error* error) {
  return with_tensor(decoder, index, error,
                     [&](Decoder& with, std::size_t i, const Tensor&) { return with.decode_to_device(i, out, bytes); });
}
