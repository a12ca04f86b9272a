// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// SHA-256 by the instructions that x86 (SHA-NI) and 64-bit ARM (SHA2) have for it, two messages side by side.
#ifndef MCNC_KERNELS_SHA256_INSTRUCTIONS_H_
#define MCNC_KERNELS_SHA256_INSTRUCTIONS_H_

#include "kernels/kernels.h"

namespace mcnc {

// For processors that have the instructions only: sha256_instructions() asks.
extern const Sha256Kernel kSha256Instructions;

}  // namespace mcnc

#endif  // MCNC_KERNELS_SHA256_INSTRUCTIONS_H_
