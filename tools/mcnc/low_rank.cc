// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "low_rank.h"

#include <cstddef>
#include <vector>

#include "generator/float_generator.h"
#include "generator/fma32.h"

namespace mcnc::tools {

// acc = fused multiply-adds over the rank, ascending, from +0; w = w + (scale * acc), each rounded on its own.
void add_low_rank(std::span<const float> b, std::span<const float> a, std::size_t rank, float scale,
                  std::span<float> w) {
  const std::size_t columns = a.size() / rank;
  std::vector<float> acc;
  for (; !b.empty(); b = b.subspan(rank), w = w.subspan(columns)) {
    acc.assign(columns, 0.0F);
    for (std::size_t r = 0; r < rank; ++r) {
      const float* row = a.data() + r * columns;
      for (std::size_t j = 0; j < columns; ++j) acc[j] = fma32(b[r], row[j], acc[j]);
    }
    add_scaled(scale, acc, w.first(columns));
  }
}

}  // namespace mcnc::tools
