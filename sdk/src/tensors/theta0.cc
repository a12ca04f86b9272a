// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "tensors/theta0.h"

#include <algorithm>

#include "generator/philox.h"
#include "tensors/convert.h"

namespace mcnc {
namespace {

// w[e] = scale * float(int16 at element first + e).
void fill_uniform(const Uniform& theta0, std::uint64_t first, std::span<float> w) {
  const RandomStream stream(theta0.seed, Domain::kTheta0, theta0.stream);
  for (std::size_t e = 0; e < w.size(); ++e) {
    w[e] = theta0.scale * static_cast<float>(stream.int16(first + e));
  }
}

}  // namespace

std::optional<DType> kept_dtype(const Theta0& theta0) noexcept {
  if (const auto* stored = std::get_if<StoredTheta0>(&theta0)) return stored->dtype;
  if (const auto* base = std::get_if<BaseTheta0>(&theta0)) return base->dtype;
  return std::nullopt;
}

void fill_theta0(const Theta0& theta0, std::span<const std::byte> stored, std::uint64_t first, std::span<float> w) {
  if (const auto* constant = std::get_if<Constant>(&theta0)) {
    std::ranges::fill(w, constant->value);
  } else if (const auto* uniform = std::get_if<Uniform>(&theta0)) {
    fill_uniform(*uniform, first, w);
  } else if (const auto dtype = kept_dtype(theta0)) {
    const std::size_t size = size_of(*dtype);
    widen(stored.subspan(static_cast<std::size_t>(first) * size, w.size() * size), *dtype, w);
  } else {
    std::ranges::fill(w, 0.0F);
  }
}

}  // namespace mcnc
