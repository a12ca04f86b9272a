// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "manifest/validate.h"

#include <array>
#include <optional>

#include "manifest/validate_rules.h"
#include "mcnc/cost.h"

namespace mcnc {
namespace rules {
namespace {

Status budget_exact(const Manifest& m) {
  const std::optional<Cost> cost = cost_of(m);
  if (cost && *cost == m.budget) return {};
  return refuse("budget.exact", "the declared budget is not what decoding takes");
}

Status manifest_identity(const Manifest& m) {
  const Result<Digest> identity = weights_identity(m.tensors);
  if (!identity.ok() || *identity == m.weights_identity) return identity.status();
  return refuse("manifest.identity", "the weights identity does not follow from the tensors");
}

}  // namespace
}  // namespace rules

Status validate(const Manifest& manifest, std::uint64_t manifest_end, std::uint64_t file_length) {
  if (Status s = rules::segment_offset(manifest, manifest_end, file_length); !s.ok()) return s;
  if (Status s = rules::segment_end(manifest, manifest_end, file_length); !s.ok()) return s;

  // A rule may rely on those before it: indices are checked before they are followed, sizes before they are multiplied.
  using Rule = Status (*)(const Manifest&);
  constexpr auto kRules = std::to_array<Rule>({
      // step 4 of spec section "validation"
      rules::segment_length,
      // step 5
      rules::generator_layers,
      rules::generator_width,
      rules::generator_activation,
      rules::generator_frequency,
      rules::generator_float,
      rules::generator_inputs,
      rules::codes_generator,
      rules::generator_bound,
      rules::generator_use,
      // step 6
      rules::codes_count,
      rules::codes_alpha_type,
      rules::codes_exponent,
      rules::codes_beta,
      // step 7
      rules::tensor_name,
      rules::tensor_order,
      rules::tensor_shape,
      rules::tensor_generated,
      rules::tensor_slices,
      rules::tensor_theta0,
      rules::tensor_stream,
      rules::tensor_shared,
      rules::tensor_product,
      rules::base_index,
      rules::base_name,
      rules::base_use,
      rules::codes_coverage,
      // step 8
      rules::segment_reference,
      rules::segment_size,
      // step 9
      rules::metadata_key,
      rules::metadata_order,
      rules::metadata_text,
      rules::metadata_real,
      // step 10
      rules::budget_exact,
      rules::manifest_identity,
  });
  for (const Rule rule : kRules) {
    if (Status s = rule(manifest); !s.ok()) return s;
  }
  return {};
}

}  // namespace mcnc
