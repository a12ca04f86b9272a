// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The element types of kernels.h without vectors.
#ifndef MCNC_KERNELS_SCALAR_CONVERT_H_
#define MCNC_KERNELS_SCALAR_CONVERT_H_

#include <cstddef>

#include "kernels/kernels.h"

namespace mcnc::scalar {

void narrow(const float* values, std::size_t n, FloatType type, bool streaming, std::byte* out);
void widen(const std::byte* in, std::size_t n, FloatType type, float* values);

}  // namespace mcnc::scalar

#endif  // MCNC_KERNELS_SCALAR_CONVERT_H_
