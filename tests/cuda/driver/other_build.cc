// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A libmcnc-cuda.so that was not built together with the library that loads it: nothing of it may be called.

#include "decoder/cuda_library.h"

extern "C" __attribute__((visibility("default")))
const mcnc::CudaLibrary mcnc_cuda_library{"0.0.0 of other headers", nullptr};
