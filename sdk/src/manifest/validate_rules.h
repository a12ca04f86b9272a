// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What validate() goes through: one function for each rule that a manifest can break by itself, called as the rule is.
// A rule may rely on those that validate() checks before it.
#ifndef MCNC_MANIFEST_VALIDATE_RULES_H_
#define MCNC_MANIFEST_VALIDATE_RULES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::rules {

inline Status refuse(std::string_view rule, std::string message) {
  return {ErrorCode::kManifest, rule, std::move(message)};
}

inline std::string numbered(const char* what, std::size_t index) {
  return std::string(what) + " " + std::to_string(index);
}

Status segment_offset(const Manifest& m, std::uint64_t manifest_end, std::uint64_t file_length);
Status segment_end(const Manifest& m, std::uint64_t manifest_end, std::uint64_t file_length);
Status segment_length(const Manifest& m);
Status segment_reference(const Manifest& m);
Status segment_size(const Manifest& m);

Status generator_layers(const Manifest& m);
Status generator_width(const Manifest& m);
Status generator_activation(const Manifest& m);
Status generator_frequency(const Manifest& m);
Status generator_float(const Manifest& m);
Status generator_inputs(const Manifest& m);
Status generator_bound(const Manifest& m);
Status generator_use(const Manifest& m);

Status codes_generator(const Manifest& m);
Status codes_count(const Manifest& m);
Status codes_alpha_type(const Manifest& m);
Status codes_exponent(const Manifest& m);
Status codes_beta(const Manifest& m);
Status codes_coverage(const Manifest& m);

Status tensor_name(const Manifest& m);
Status tensor_order(const Manifest& m);
Status tensor_shape(const Manifest& m);
Status tensor_generated(const Manifest& m);
Status tensor_slices(const Manifest& m);
Status tensor_theta0(const Manifest& m);
Status tensor_stream(const Manifest& m);
Status tensor_shared(const Manifest& m);
// Rule tensor.factor too.
Status tensor_product(const Manifest& m);

Status base_index(const Manifest& m);
Status base_name(const Manifest& m);
Status base_use(const Manifest& m);

Status metadata_key(const Manifest& m);
Status metadata_order(const Manifest& m);
Status metadata_text(const Manifest& m);
Status metadata_real(const Manifest& m);

}  // namespace mcnc::rules

#endif  // MCNC_MANIFEST_VALIDATE_RULES_H_
