// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_MANIFEST_DIFFERENCE_H_
#define MCNC_MANIFEST_DIFFERENCE_H_

#include <string>

#include "mcnc/manifest.h"

namespace mcnc {

// Which part of two manifests differs first, such as "tensor 3"; empty where every field of both is the same. Floats
// are compared by their bits: 0 and -0 differ, and a NaN is itself.
std::string first_difference(const Manifest& a, const Manifest& b);

}  // namespace mcnc

#endif  // MCNC_MANIFEST_DIFFERENCE_H_
