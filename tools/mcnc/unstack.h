// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Stacks: tensors whose slices stand for tensors of a network, by a * in their name (spec section "generated tensors").
#ifndef MCNC_TOOLS_MCNC_UNSTACK_H_
#define MCNC_TOOLS_MCNC_UNSTACK_H_

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// More than any network has, and few enough to be listed.
inline constexpr std::uint64_t kMaxUnstacked = 65'536;

// How many tensors it stands for: its slices, or 1 of what is not a stack.
std::uint32_t stack_size(const Tensor& tensor) noexcept;

// What slice `slice` of a stack stands for: name, dtype and shape.
Tensor unstacked(const Tensor& stack, std::uint32_t slice);

// A stack to what it stands for, in the order of its elements.
using Stacks = std::map<const Tensor*, std::vector<Tensor>>;

// The stacks among `tensors`, which must outlive the answer. kArgument where all together are too many, or two would
// have one name.
Result<Stacks> find_stacks(std::span<const Tensor* const> tensors);

// `tensors`, each stack replaced by what it stands for.
std::vector<const Tensor*> unstack(std::span<const Tensor* const> tensors, const Stacks& stacks);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_UNSTACK_H_
