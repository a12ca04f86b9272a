// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Hashes of the leaves of a tensor's digest, of which several are computed side by side where that is faster.
#ifndef MCNC_TENSORS_LEAVES_H_
#define MCNC_TENSORS_LEAVES_H_

#include <cstddef>
#include <span>

#include "kernels/kernels.h"
#include "mcnc/manifest.h"

namespace mcnc {

inline constexpr std::size_t kLeafSize = 65536;         // bytes of a leaf, but for the last one of a tensor
inline constexpr std::byte kLeafPrefix = std::byte{0};  // is hashed before a leaf, as RFC 6962 has it

// How many whole leaves one thread should be given at a time: those that the kernels hash side by side, or 1 where
// OpenSSL, one leaf after the other, is at least as fast.
std::size_t leaves_at_a_time(const Kernels& kernels) noexcept;

// The hashes of whole leaves that lie one after the other: hashes.size() * kLeafSize bytes. Any number of leaves;
// fastest for multiples of leaves_at_a_time.
void hash_leaves(const Kernels& kernels, std::span<const std::byte> bytes, std::span<Digest> hashes);

}  // namespace mcnc

#endif  // MCNC_TENSORS_LEAVES_H_
