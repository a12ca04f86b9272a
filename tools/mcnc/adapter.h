// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Files that are low-rank adapters: each module of a network gets scale * B * A added to its weight.
#ifndef MCNC_TOOLS_MCNC_ADAPTER_H_
#define MCNC_TOOLS_MCNC_ADAPTER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::tools {

struct AdaptedModule {
  std::string name;   // such as model.layers.0.self_attn.q_proj
  std::size_t b = 0;  // index of the tensor (rows, rank), or of a stack of such
  std::size_t a = 0;  // index of the tensor (rank, columns), or of a stack of as many
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  std::uint64_t rank = 0;
  double lora_alpha = 0;     // scale * rank
  std::uint32_t slice = 0;   // of stacks
  std::uint32_t slices = 1;  // 1: no stacks

  float scale() const noexcept { return static_cast<float>(lora_alpha / static_cast<double>(rank)); }
};

// The modules that a file adapts, in the order of its tensors, those of a stack in the order of its slices: products
// called MODULE.weight, of theta0 zero or a base model's, and pairs of tensors called MODULE.lora_A.weight and
// MODULE.lora_B.weight, with or without base_model.model. in front. Only products say how much of themselves is added;
// for pairs that is lora_alpha, or the metadata peft.lora_alpha, divided by the rank. kArgument where the file holds
// anything else, or not enough.
Result<std::vector<AdaptedModule>> find_adapter(const Manifest& manifest, std::optional<double> lora_alpha);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_ADAPTER_H_
