// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_MCNC_PERMUTE_H_
#define MCNC_TOOLS_MCNC_PERMUTE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mcnc::tools {

// An array (row-major) with its dimensions in another order: dimension i of the result is dimension order[i] of `from`,
// which has the shape `shape`. element: bytes of an element, 1, 2, 4 or 8. from, to: as many bytes as the shape takes,
// in different places. order: each of 0, 1, ..., shape.size() - 1 once.
void permute(std::span<const std::byte> from, std::span<const std::uint64_t> shape,
             std::span<const std::uint32_t> order, std::size_t element, std::span<std::byte> to);

// Whether all elements stay where they are, since only dimensions of 1 change places.
bool keeps_order(std::span<const std::uint64_t> shape, std::span<const std::uint32_t> order);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_PERMUTE_H_
