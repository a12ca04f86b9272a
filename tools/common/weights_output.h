// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Models as safetensors are found by loaders in two ways: one file, or shards with an index beside them. An old model
// of the other kind beside a new one would be loaded instead of it, or with it; so it goes away with the new one.
#ifndef MCNC_TOOLS_COMMON_WEIGHTS_OUTPUT_H_
#define MCNC_TOOLS_COMMON_WEIGHTS_OUTPUT_H_

#include <memory>
#include <span>
#include <string>

#include "common/output.h"
#include "common/output_set.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// As open_output, for a model in one safetensors file, such as model.safetensors: where an index of shards stands
// beside it (model.safetensors.index.json), commit() removes the index and the shards that it lists. `inputs`: what is
// read meanwhile, as of check_not_input. kArgument where an index is there and `replace` is false, and where the file
// or what would be removed is an input.
Result<std::unique_ptr<Output>> open_weights(const std::string& path, bool replace,
                                             std::span<const std::string> inputs);

// What a model in shards under `index` makes wrong in the folder of the index, to go away when `files` is committed:
// the file that loaders would take before the index, and the shards of the index that is there now which are not among
// `shards`. kArgument where there is such a thing and `replace` is false, or where it is an input.
Status remove_older(const std::string& index, std::span<const std::string> shards, bool replace,
                    std::span<const std::string> inputs, OutputSet& files);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_WEIGHTS_OUTPUT_H_
