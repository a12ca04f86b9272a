// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The image that compile_kernels.py made, as kernel_image.h declares it.

#include "kernel_image_path.h"  // MCNC_KERNEL_IMAGE, a path

asm(".section .rodata\n"
    ".global mcnc_cuda_kernels\n"
    ".type mcnc_cuda_kernels, %object\n"
    ".balign 64\n"
    "mcnc_cuda_kernels:\n"
    ".incbin \"" MCNC_KERNEL_IMAGE
    "\"\n"
    ".size mcnc_cuda_kernels, . - mcnc_cuda_kernels\n"
    ".previous\n");
