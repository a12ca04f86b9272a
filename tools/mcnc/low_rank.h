// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_MCNC_LOW_RANK_H_
#define MCNC_TOOLS_MCNC_LOW_RANK_H_

#include <span>

namespace mcnc::tools {

// w += scale * B * A as spec section "products" says it: b (rows, rank), a (rank, columns), w (rows, columns), rank at
// least 1. The floating-point environment must be FpEnvironment's.
void add_low_rank(std::span<const float> b, std::span<const float> a, std::size_t rank, float scale,
                  std::span<float> w);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_LOW_RANK_H_
