// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The folder that PEFT saves an adapter in, as a recipe.
#ifndef MCNC_TOOLS_MCNC_IMPORT_PEFT_H_
#define MCNC_TOOLS_MCNC_IMPORT_PEFT_H_

#include <optional>
#include <string>

#include "import_model.h"
#include "mcnc/status.h"
#include "recipe.h"

namespace mcnc::tools {

// The folder that `path` is, or whose adapter_config.json it is; nothing where it is a file of another name.
std::optional<std::string> peft_folder(const std::string& path);

// Every tensor of the folder's adapter_model.safetensors is kept as it is, and its configuration becomes metadata.
// kArgument where a file is missing or the configuration cannot be used.
Result<Recipe> peft_recipe(const std::string& folder);

// Whether what was read from a folder is an adapter that merge and export understand. kArgument.
Status check_peft(const Import& import);

// Whether the stored tensors that are read (all, or those that a pair of LoRA factors calls its own) are finite.
// kValue, naming the first of those that are not.
Status check_finite(const Import& import, bool only_factors);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_IMPORT_PEFT_H_
