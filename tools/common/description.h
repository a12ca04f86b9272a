// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What --help knows, for programs: tools/manual/ makes manual pages and completions of it.
#ifndef MCNC_TOOLS_COMMON_DESCRIPTION_H_
#define MCNC_TOOLS_COMMON_DESCRIPTION_H_

#include <CLI/CLI.hpp>

namespace mcnc::tools {

// Adds the option --describe, which help does not show. It prints one JSON object and ends the program, as --version
// does. The object is
//   {"name", "summary", "text", "arguments": [...], "options": [...], "commands": [objects like this one]}
// with arguments
//   {"name", "text", "required", "many"}
// and options, whose "value" is empty for a flag:
//   {"names": ["-o", "--output"], "value": "OUT", "default", "text", "group", "required"}
void add_describe(CLI::App& program);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_DESCRIPTION_H_
