// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_MCNC_ELEMENT_H_
#define MCNC_TOOLS_MCNC_ELEMENT_H_

#include <cstddef>

#include "mcnc/manifest.h"

namespace mcnc::tools {

// The number that the element of a tensor at `bytes` is; 64-bit integers are rounded.
double value_at(const std::byte* bytes, DType dtype);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_ELEMENT_H_
