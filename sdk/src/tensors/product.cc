// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "tensors/product.h"

#include <algorithm>
#include <vector>

#include "arithmetic/fma32.h"
#include "arithmetic/unfused.h"

namespace mcnc {

// acc = fused multiply-adds over the rank, ascending, from +0; w = w + (scale * acc), each rounded on its own.
void add_product(std::span<const float> b, std::span<const float> a, std::size_t rank, float scale, std::uint64_t first,
                 std::span<float> w) {
  const std::size_t columns = a.size() / rank;
  std::vector<float> acc;
  while (!w.empty()) {
    const std::size_t row = static_cast<std::size_t>(first) / columns;
    const std::size_t column = static_cast<std::size_t>(first) % columns;
    const std::span part = w.first(std::min(w.size(), columns - column));
    acc.assign(part.size(), 0.0F);
    for (std::size_t r = 0; r < rank; ++r) {
      const float factor = b[row * rank + r];
      const float* values = a.data() + r * columns + column;
      for (std::size_t j = 0; j < acc.size(); ++j) acc[j] = fma32(factor, values[j], acc[j]);
    }
    add_unfused(scale, std::span<const float>(acc), part);
    first += part.size();
    w = w.subspan(part.size());
  }
}

}  // namespace mcnc
