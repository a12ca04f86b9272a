// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The numbers of LoRA factors, and adding what they make to pieces of a weight.
#ifndef MCNC_TOOLS_MCNC_LORA_FACTORS_H_
#define MCNC_TOOLS_MCNC_LORA_FACTORS_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "adapter.h"
#include "mcnc/decoder.h"
#include "mcnc/manifest.h"
#include "mcnc/product.h"
#include "mcnc/status.h"
#include "merge_plan.h"

namespace mcnc::tools {

// Decodes factors of an adapter, a module at a time.
class FactorReader {
 public:
  // Both must outlive the reader.
  FactorReader(const Manifest& manifest, Decoder& decoder, bool allow_non_finite) noexcept
      : manifest_(manifest), decoder_(decoder), allow_non_finite_(allow_non_finite) {}

  // The tensor `index`, or the module's slice of it, as float32. kValue where a number is not finite, or one of a
  // product's beyond what rule tensor.factor_value allows.
  Result<std::vector<float>> read(std::size_t index, const AdaptedModule& module);

 private:
  Status check_stack(std::size_t index);

  const Manifest& manifest_;
  Decoder& decoder_;
  bool allow_non_finite_;
  std::set<std::size_t> checked_;  // stacks whose digest is right
};

// What one module adds to one tensor.
class LoraDelta {
 public:
  static Result<LoraDelta> load(const LoraChange& change, FactorReader& factors);

  // Adds it to elements [first, first + w.size()) of the tensor, whose type is `dtype`. The floating-point environment
  // must be FpEnvironment's.
  Status add(std::uint64_t first, DType dtype, std::span<float> w) const;

 private:
  LoraDelta(ScaledProduct product, bool is_rounded_first) noexcept
      : product_(std::move(product)), is_rounded_first_(is_rounded_first) {}

  ScaledProduct product_;
  bool is_rounded_first_;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_LORA_FACTORS_H_
