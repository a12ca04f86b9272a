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
#include "peft_config.h"

namespace mcnc::tools {

// In front of what PEFT calls a tensor of the network.
inline constexpr char kPeftPrefix[] = "base_model.model.";

// What kind of layer a module is, which decides how B A lies in its weight.
enum class LoraKind {
  kLinear,       // (out, in), or (in, out), which the adapter's tensors do not tell
  kConvolution,  // (out, in, kernel ...): A is such a tensor with the rank in place of out, B one with a kernel of 1s
  kEmbedding,    // (tokens, size): the transpose of B A
};

struct AdaptedModule {
  std::string name;  // such as model.layers.0.self_attn.q_proj
  LoraKind kind = LoraKind::kLinear;
  std::size_t b = 0;  // index of the tensor (rows, rank), or of a stack of such
  std::size_t a = 0;  // index of the tensor (rank, columns), or of a stack of as many
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;  // of A as a matrix: inputs times kernel of convolutions, tokens of embeddings
  std::uint64_t rank = 0;
  std::vector<std::uint64_t> kernel;  // of convolutions
  double lora_alpha = 0;              // scale * rank: what PEFT's lora_alpha would be without rsLoRA
  double scale = 0;
  std::optional<std::size_t> bias;  // index of the tensor (rows) that is added to the module's bias, times scale
  std::uint32_t slice = 0;          // of stacks
  std::uint32_t slices = 1;         // 1: no stacks
  bool is_product = false;          // of the format: (rows, columns) is the shape of the weight
};

// A tensor of the adapter that takes the place of one of the base model.
struct Replacement {
  std::string name;         // of the tensor in the network
  std::size_t tensor = 0;   // index
  bool is_wrapped = false;  // it was kept beside LoRA factors of the same module, not in a module of its own
};

struct Adapter {
  std::vector<AdaptedModule> modules;     // in the order of the tensors, those of a stack in the order of its slices
  std::vector<Replacement> replacements;  // only of a file that has a configuration
  std::vector<std::string> targets;       // names of all modules that have factors, also those not in `modules`
  std::optional<PeftConfig> config;       // none: products, or pairs that share a lora_alpha
  std::string merge_obstacle;             // why it cannot be merged; empty: it can
};

// What a file adapts. Without the metadata peft.adapter_config that is: products called MODULE.weight, of theta0 zero
// or a base model's, and pairs of tensors called MODULE.lora_A.weight and MODULE.lora_B.weight (or lora_embedding_A and
// lora_embedding_B), with or without base_model.model. in front; products say how much of themselves is added, for
// pairs that is lora_alpha, or the metadata peft.lora_alpha, divided by the rank. With it: everything that PEFT keeps
// in an adapter_model.safetensors. kArgument where the file holds anything else, or not enough. The tensors of
// `manifest` may stand in any order.
Result<Adapter> find_adapter(const Manifest& manifest, std::optional<double> lora_alpha);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_ADAPTER_H_
