// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <string>
#include <utility>

#include "cases.h"

namespace mcnc {

void add_convert_cases(const Kernels& kernels) {
  constexpr std::pair<const char*, FloatType> kTypes[] = {
      {"f32", FloatType::kF32}, {"f16", FloatType::kF16}, {"bf16", FloatType::kBf16}};
  constexpr std::size_t kCount = std::size_t{1} << 16;
  const auto values = std::make_shared<AlignedVector<float>>(random_numbers(kCount));
  const auto bytes = std::make_shared<AlignedVector<std::byte>>(kCount * sizeof(float));
  for (const auto& [name, type] : kTypes) {
    const std::string shape = std::string("/") + name + "/" + std::string(kernels.name);
    for (const bool streaming : {false, true}) {
      add_case((streaming ? "narrow_streaming" : "narrow") + shape, "weights", kCount,
               [=, &kernels, type = type] { kernels.narrow(values->data(), kCount, type, streaming, bytes->data()); });
    }
    add_case("widen" + shape, "weights", kCount,
             [=, &kernels, type = type] { kernels.widen(bytes->data(), kCount, type, values->data()); });
  }
}

}  // namespace mcnc
