// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// All kernels, for nvcc.
#include "cuda/kernels/expand_sine.h"
