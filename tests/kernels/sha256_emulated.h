// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The kernel of x86's SHA-256 instructions (sdk/src/kernels/sha256_x86-inl.h) for processors without them: the three
// instructions are computed as Intel's Software Developer's Manual, volume 2, defines them.
#ifndef MCNC_TESTS_KERNELS_SHA256_EMULATED_H_
#define MCNC_TESTS_KERNELS_SHA256_EMULATED_H_

#include "kernels/kernels.h"

namespace mcnc {

// Needs SSSE3.
extern const Sha256Kernel kEmulatedSha256Instructions;

}  // namespace mcnc

#endif  // MCNC_TESTS_KERNELS_SHA256_EMULATED_H_
