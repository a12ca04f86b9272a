// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <string>
#include <vector>

#include "cases.h"

namespace mcnc {

void add_draw_cases(const Kernels& kernels) {
  constexpr std::size_t kCount = std::size_t{1} << 16;
  const std::string shape = std::to_string(kCount) + "/" + std::string(kernels.name);
  const auto integers = std::make_shared<std::vector<std::int8_t>>(kCount);
  const auto floats = std::make_shared<AlignedVector<float>>(kCount);
  add_case("draw_int8/" + shape, "numbers", kCount,
           [=, &kernels] { kernels.draw_int8(1, 0, kCount, integers->data()); });
  add_case("draw_float/" + shape, "numbers", kCount,
           [=, &kernels] { kernels.draw_float(1, 0, 0.5F, kCount, floats->data()); });
  add_case("draw_theta0/" + shape, "numbers", kCount,
           [=, &kernels] { kernels.draw_theta0(1, 0, 0x1p-20F, 0, kCount, floats->data()); });
}

}  // namespace mcnc
