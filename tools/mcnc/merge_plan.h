// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What becomes of each tensor when an adapter is worked into its base model: found out before anything is written.
#ifndef MCNC_TOOLS_MCNC_MERGE_PLAN_H_
#define MCNC_TOOLS_MCNC_MERGE_PLAN_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "adapter.h"
#include "mcnc/manifest.h"
#include "mcnc/safetensors_header.h"
#include "mcnc/safetensors_model.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// scale * B A added to a weight, or scale times the bias of B to a bias.
struct LoraChange {
  AdaptedModule module;
  bool is_transposed = false;  // the weight has the shape of (B A) transposed
  bool is_bias = false;
};

struct MergedTensor {
  // Its line in the header of the output.
  SafetensorsEntry entry() const { return base != nullptr ? SafetensorsEntry(*base) : SafetensorsEntry(tensor); }
  // "F32 4 x 5", of what it starts from.
  std::string type_and_shape() const;
  // Whether it can be more than copied: what is known of its type is its name otherwise, and tensor.dtype means
  // nothing.
  bool is_known() const noexcept { return base == nullptr || base->dtype.has_value(); }

  Tensor tensor;                            // name, dtype and shape in the output
  const SafetensorsTensor* base = nullptr;  // what it starts from; nullptr: `decoded`
  std::size_t decoded = 0;                  // index of a tensor of the adapter, perhaps of another float type
  std::vector<LoraChange> changes;          // in this order, each rounded to the tensor's dtype
};

// The base with what a file that starts from it decodes to in place of tensors of the same name, or beside them.
// `base` must outlive the answer.
std::vector<MergedTensor> plan_decoded(const SafetensorsModel& base, const Manifest& adapter);

// The base with an adapter's tensors in place of its own, and its changes added. fan_in_fan_out: whether square
// weights of linear layers are stored (in, out); none: as the adapter's configuration and the other weights say. kBase
// where the base does not have what the adapter changes, kArgument where the adapter cannot be merged.
Result<std::vector<MergedTensor>> plan_changed(const SafetensorsModel& base, const Manifest& manifest,
                                               const Adapter& adapter, std::optional<bool> fan_in_fan_out);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_MERGE_PLAN_H_
