// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/scalar.h"

#include "kernels/scalar_convert.h"
#include "kernels/scalar_draw.h"
#include "kernels/scalar_float.h"
#include "kernels/scalar_integer.h"
#include "util/sha256_blocks.h"

namespace mcnc {

const Kernels kScalarKernels = {
    .name = "scalar",
    .activation_size = 1,
    .integer_packed_size = scalar::integer_packed_size,
    .pack_integer = scalar::pack_integer,
    .integer_hidden = scalar::integer_hidden,
    .integer_expand = scalar::integer_expand,
    .streams_elements = [](const IntegerLayer&, FloatType) { return false; },
    .integer_slopes = scalar::integer_slopes,
    .float_packed_size = scalar::float_packed_size,
    .pack_float = scalar::pack_float,
    .float_layer = scalar::float_layer,
    .add_scaled = scalar::add_scaled,
    .draw_int8 = scalar::draw_int8,
    .draw_float = scalar::draw_float,
    .draw_theta0 = scalar::draw_theta0,
    .narrow = scalar::narrow,
    .finish_streaming = [] {},
    .widen = scalar::widen,
    .sha256 = {.lanes = 1, .blocks = sha256_blocks},
};

}  // namespace mcnc
