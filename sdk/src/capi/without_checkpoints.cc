// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Instead of base_models.cc in a library that was built without models in files.
#include "capi/call.h"

int32_t mcnc_set_base_files(mcnc_decoder*, const char* const*, size_t, const mcnc_limits*, mcnc_error* error) {
  return mcnc::capi::call(error, [] {
    return mcnc::Status(mcnc::ErrorCode::kFeature, "", "this library was built without base models in files");
  });
}
