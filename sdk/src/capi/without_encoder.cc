// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Instead of encoder.cc in a library that was built without the encoder: its functions exist and return MCNC_FEATURE.
#include "capi/call.h"

namespace mcnc::capi {
namespace {

int32_t absent(mcnc_error* error) noexcept {
  return call(error, [] { return Status(ErrorCode::kFeature, "", "this library was built without the encoder"); });
}

}  // namespace
}  // namespace mcnc::capi

using mcnc::capi::absent;

void mcnc_encoder_tensor_init(mcnc_encoder_tensor* tensor) {
  if (tensor != nullptr) *tensor = {};
}

void mcnc_encoder_options_init(mcnc_encoder_options* options) {
  if (options != nullptr) *options = {};
}

int32_t mcnc_encoder_create(const mcnc_encoder_tensor*, size_t, const mcnc_encoder_options*, mcnc_encoder** encoder,
                            mcnc_error* error) {
  if (encoder != nullptr) *encoder = nullptr;
  return absent(error);
}

void mcnc_encoder_destroy(mcnc_encoder*) {}

uint64_t mcnc_encoder_elements(const mcnc_encoder*) { return 0; }

int32_t mcnc_encoder_weights(mcnc_encoder*, float*, uint64_t, mcnc_error* error) { return absent(error); }

int32_t mcnc_encoder_step(mcnc_encoder*, const float*, uint64_t, double, mcnc_error* error) { return absent(error); }

int32_t mcnc_encoder_write(mcnc_encoder*, const char*, mcnc_error* error) { return absent(error); }

int32_t mcnc_encoder_add_to(mcnc_encoder*, mcnc_writer*, mcnc_error* error) { return absent(error); }

int32_t mcnc_expander_create(const mcnc_encoder_options*, mcnc_expander** expander, mcnc_error* error) {
  if (expander != nullptr) *expander = nullptr;
  return absent(error);
}

void mcnc_expander_destroy(mcnc_expander*) {}

int32_t mcnc_expander_weights(mcnc_expander*, const float*, const float*, uint64_t, const float*, int32_t, void*,
                              size_t, mcnc_error* error) {
  return absent(error);
}

int32_t mcnc_expander_gradients(mcnc_expander*, const float*, const float*, uint64_t, const float*, uint64_t, float*,
                                float*, mcnc_error* error) {
  return absent(error);
}

int32_t mcnc_expander_weights_on_device(mcnc_expander*, const float*, const float*, uint64_t, const float*, int32_t,
                                        void*, uint64_t, mcnc_error* error) {
  return absent(error);
}

int32_t mcnc_expander_gradients_on_device(mcnc_expander*, const float*, const float*, uint64_t, const float*, uint64_t,
                                          float*, float*, mcnc_error* error) {
  return absent(error);
}

int32_t mcnc_expander_add_to(mcnc_expander*, const float*, const float*, uint64_t, mcnc_writer*, uint32_t*,
                             mcnc_error* error) {
  return absent(error);
}
