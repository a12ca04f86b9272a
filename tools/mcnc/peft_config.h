// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What PEFT's adapter_config.json says about the tensors beside it: the one interpretation that import, merge and
// export share. It is PEFT 0.21's.
#ifndef MCNC_TOOLS_MCNC_PEFT_CONFIG_H_
#define MCNC_TOOLS_MCNC_PEFT_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mcnc/manifest.h"
#include "mcnc/status.h"
#include "module_patterns.h"

namespace mcnc::tools {

// Metadata that mean something to the tools. Text: a whole adapter_config.json.
inline constexpr char kPeftConfigKey[] = "peft.adapter_config";
// A number: the lora_alpha of every pair of a file that has no such configuration.
inline constexpr char kLoraAlphaKey[] = "peft.lora_alpha";

// `value`, as what the key means where it means something: a text that is a number becomes one. kArgument where it
// cannot have that meaning; `value` as it is for every other key.
Result<MetadataValue> known_metadata(const std::string& key, MetadataValue value);

struct LoraScale {
  std::uint64_t rank = 0;
  double lora_alpha = 0;
  double scale = 0;  // of B A: lora_alpha / rank, or with rank-stabilised LoRA lora_alpha / sqrt(rank)
};

class PeftConfig {
 public:
  // `text`: of adapter_config.json. kArgument where it is not JSON, is not for a LoRA adapter, or contradicts itself.
  static Result<PeftConfig> parse(const std::string& text);

  const std::string& text() const noexcept { return text_; }
  // Of a module, by the name it has in the network. The operations are PEFT's, in float64.
  Result<LoraScale> scale_of(const std::string& module) const;
  // What the configuration says of layers whose weights are stored (in, out), such as GPT-2's.
  bool fan_in_fan_out() const noexcept { return fan_in_fan_out_; }
  // Whether whole modules were trained and are part of the adapter.
  bool saves_modules() const noexcept { return saves_modules_; }
  // Whether parameters are adapted that are not the weight of a module, such as the experts of a layer in one tensor.
  bool targets_parameters() const noexcept { return targets_parameters_; }
  // Why merging is not "add scale * B * A to the weight"; empty where it is.
  const std::string& merge_obstacle() const noexcept { return merge_obstacle_; }

 private:
  struct Pattern {
    ModulePatterns keys;
    std::vector<double> values;  // one for each key
  };

  Result<double> look_up(const Pattern& pattern, const std::string& module, double otherwise) const;

  std::string text_;
  double rank_ = 8;  // PEFT's defaults
  double lora_alpha_ = 8;
  bool use_rslora_ = false;
  Pattern ranks_;
  Pattern alphas_;
  bool fan_in_fan_out_ = false;
  bool saves_modules_ = false;
  bool targets_parameters_ = false;
  std::string merge_obstacle_;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_PEFT_CONFIG_H_
