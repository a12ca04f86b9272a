// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_CAPI_ENCODER_OPTIONS_H_
#define MCNC_CAPI_ENCODER_OPTIONS_H_

#include "capi/call.h"
#include "capi/execution.h"
#include "mcnc/encoder.h"

namespace mcnc::capi {

// Options of an encoder or an expander; nullptr: the defaults. `state` must outlive what is made with `out`. kArgument.
Status options_of(const mcnc_encoder_options* from, ExecutionState& state, EncoderOptions& out);

}  // namespace mcnc::capi

#endif  // MCNC_CAPI_ENCODER_OPTIONS_H_
