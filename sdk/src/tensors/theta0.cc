// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "tensors/theta0.h"

#include <algorithm>

#include "mcnc/convert.h"

namespace mcnc {

std::optional<DType> kept_dtype(const Theta0& theta0) noexcept {
  if (const auto* stored = std::get_if<StoredTheta0>(&theta0)) return stored->dtype;
  if (const auto* base = std::get_if<BaseTheta0>(&theta0)) return base->dtype;
  return std::nullopt;
}

std::optional<float> constant_theta0(const Theta0& theta0) noexcept {
  if (std::holds_alternative<std::monostate>(theta0)) return 0.0F;
  if (const auto* constant = std::get_if<Constant>(&theta0)) return constant->value;
  return std::nullopt;
}

void fill_theta0(const Kernels& kernels, const Theta0& theta0, std::span<const std::byte> stored, std::uint64_t first,
                 std::span<float> w) {
  if (const auto* uniform = std::get_if<Uniform>(&theta0)) {
    kernels.draw_theta0(uniform->seed, uniform->stream, uniform->scale, first, w.size(), w.data());
  } else if (const auto dtype = kept_dtype(theta0)) {
    const std::size_t at = static_cast<std::size_t>(first) * size_of(*dtype);
    kernels.widen(stored.data() + at, w.size(), float_type_of(*dtype), w.data());
  } else {
    std::ranges::fill(w, constant_theta0(theta0).value_or(0.0F));
  }
}

}  // namespace mcnc
