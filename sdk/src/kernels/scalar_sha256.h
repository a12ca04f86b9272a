// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// SHA-256 without vectors: the definition that every other implementation is compared with.
#ifndef MCNC_KERNELS_SCALAR_SHA256_H_
#define MCNC_KERNELS_SCALAR_SHA256_H_

#include <cstddef>
#include <cstdint>

namespace mcnc::scalar {

// Kernels::sha256_blocks of one lane.
void sha256_blocks(std::uint32_t* hash, const std::byte* const* message, std::size_t count);

}  // namespace mcnc::scalar

#endif  // MCNC_KERNELS_SCALAR_SHA256_H_
