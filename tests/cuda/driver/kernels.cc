// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Stands in for libmcnc-cuda.so where there is no nvcc: the stand-in driver has kernels of its own.

#include "mcnc/version.h"

#define MCNC_EXPORT extern "C" __attribute__((visibility("default")))

MCNC_EXPORT const char mcnc_cuda_kernels[];
MCNC_EXPORT const char mcnc_cuda_kernels_version[];
const char mcnc_cuda_kernels[] = "stand-in";
const char mcnc_cuda_kernels_version[] = MCNC_VERSION_STRING;
