// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The adapter_config.json of an exported adapter.
#ifndef MCNC_TOOLS_MCNC_EXPORT_CONFIG_H_
#define MCNC_TOOLS_MCNC_EXPORT_CONFIG_H_

#include <string>

#include "adapter.h"
#include "commands.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// The lora_alpha that most modules have; of several, the smallest. What --fold-scale gives to all of them.
double common_alpha(const Adapter& adapter);

// The configuration that the file has from PEFT, with what the options change; or one made for the modules. Takes
// n log n time for n modules. kArgument where an option does not fit, or PEFT could not load what would be written.
Result<std::string> config_text(const Adapter& adapter, const Manifest& manifest, const ExportOptions& options);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_EXPORT_CONFIG_H_
