// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Stands in for the image that nvcc makes: the stand-in driver has kernels of its own.

#include "cuda/library/kernel_image.h"

const unsigned char mcnc_cuda_kernels[] = "stand-in";
