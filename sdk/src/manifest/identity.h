// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_MANIFEST_IDENTITY_H_
#define MCNC_MANIFEST_IDENTITY_H_

#include <span>

#include "mcnc/manifest.h"

namespace mcnc {

// Spec section "weights identity": equal for any two files that decode to the same tensors. tensors: sorted by name;
// factors do not count.
Digest weights_identity(std::span<const Tensor> tensors);

}  // namespace mcnc

#endif  // MCNC_MANIFEST_IDENTITY_H_
