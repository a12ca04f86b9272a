// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// That no output replaces what is read for it.
#ifndef MCNC_TOOLS_COMMON_INPUTS_H_
#define MCNC_TOOLS_COMMON_INPUTS_H_

#include <span>
#include <string>

#include "mcnc/status.h"

namespace mcnc::tools {

// kArgument where `output` is one of the files that `inputs` are read from. Files are compared, not their names, so
// that links and other ways of writing a path do not matter. An input may also be a folder with a model or an adapter,
// or an index of shards: every file of it counts. Inputs and outputs that do not exist, and streams, never are.
Status check_not_input(const std::string& output, std::span<const std::string> inputs);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_INPUTS_H_
