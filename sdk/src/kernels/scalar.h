// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The kernels for any processor: plain loops over what arithmetic/ defines. They are the definition of what a layer
// computes; every faster target is compared with them byte for byte.
#ifndef MCNC_KERNELS_SCALAR_H_
#define MCNC_KERNELS_SCALAR_H_

#include "kernels/kernels.h"

namespace mcnc {

extern const Kernels kScalarKernels;

}  // namespace mcnc

#endif  // MCNC_KERNELS_SCALAR_H_
