// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Base models whose tensors functions of the caller's supply.
#ifndef MCNC_CAPI_CALLBACK_BASE_H_
#define MCNC_CAPI_CALLBACK_BASE_H_

#include <memory>

#include "capi/call.h"
#include "mcnc/base.h"

namespace mcnc::capi {

// kArgument where a function is missing.
Result<std::unique_ptr<BaseModel>> base_of(const mcnc_base_model* model);

}  // namespace mcnc::capi

#endif  // MCNC_CAPI_CALLBACK_BASE_H_
