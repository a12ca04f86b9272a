// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The library libmcnc-cuda.so: the image that compile_kernels.py made, and its version. See
// cuda/backend/kernel_library.h.

#include "kernel_image.h"  // MCNC_KERNEL_IMAGE, a path
#include "mcnc/version.h"

asm(".section .rodata\n"
    ".global mcnc_cuda_kernels\n"
    ".type mcnc_cuda_kernels, %object\n"
    ".balign 64\n"
    "mcnc_cuda_kernels:\n"
    ".incbin \"" MCNC_KERNEL_IMAGE
    "\"\n"
    ".size mcnc_cuda_kernels, . - mcnc_cuda_kernels\n"
    ".previous\n");

extern "C" __attribute__((visibility("default"))) const char mcnc_cuda_kernels_version[] = MCNC_VERSION_STRING;
