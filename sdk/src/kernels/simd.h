// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_KERNELS_SIMD_H_
#define MCNC_KERNELS_SIMD_H_

#include <span>

#include "kernels/kernels.h"

namespace mcnc {

struct SimdTarget {
  const Kernels* kernels;
  bool (*runs_here)() noexcept;
};

// What simd.cc was compiled for, the best first.
std::span<const SimdTarget> simd_targets() noexcept;

}  // namespace mcnc

#endif  // MCNC_KERNELS_SIMD_H_
