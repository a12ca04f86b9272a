// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TENSORS_THETA0_H_
#define MCNC_TENSORS_THETA0_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "kernels/kernels.h"
#include "mcnc/manifest.h"

namespace mcnc {

// Element type of a theta0 that is kept, in the file or in a base model.
std::optional<DType> kept_dtype(const Theta0& theta0) noexcept;

// The number that theta0 is everywhere, where it is one.
std::optional<float> constant_theta0(const Theta0& theta0) noexcept;

// theta0 of elements [first, first + w.size()) of a tensor (spec section "theta0"). `stored`: the decoded segment of a
// StoredTheta0, the bytes of a BaseTheta0, else empty.
void fill_theta0(const Kernels& kernels, const Theta0& theta0, std::span<const std::byte> stored, std::uint64_t first,
                 std::span<float> w);

}  // namespace mcnc

#endif  // MCNC_TENSORS_THETA0_H_
