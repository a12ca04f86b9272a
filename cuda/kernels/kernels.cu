// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// All kernels, for nvcc.
#include "cuda/kernels/draw.h"
#include "cuda/kernels/expand_float.h"
#include "cuda/kernels/expand_integer.h"
#include "cuda/kernels/expand_sine.h"
#include "cuda/kernels/float_layer.h"
#include "cuda/kernels/gradient_layer.h"
#include "cuda/kernels/gradient_sine.h"
#include "cuda/kernels/integer_layer.h"
#include "cuda/kernels/pack.h"
#include "cuda/kernels/round_codes.h"
#include "cuda/kernels/sha256.h"
#include "cuda/kernels/unit_norm.h"
#include "cuda/kernels/widen.h"
