// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The numbers of LoRA factors, and adding what they make to pieces of a weight.
#ifndef MCNC_TOOLS_MCNC_LORA_FACTORS_H_
#define MCNC_TOOLS_MCNC_LORA_FACTORS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "adapter.h"
#include "mcnc/decoder.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"
#include "merge_plan.h"
#include "model/generator.h"

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

  // Adds it, by the kernels that decode products, to elements [first, first + w.size()) of the tensor, whose type is
  // `dtype`. The floating-point environment must be FpEnvironment's.
  void add(std::uint64_t first, DType dtype, std::span<float> w) const;

 private:
  std::vector<float> b_;           // (rows of the tensor, rank)
  std::optional<PackedMatrix> a_;  // (rank, columns), never empty
  float scale_ = 0;
  bool is_rounded_first_ = false;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_LORA_FACTORS_H_
