// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What the command line of mcnc may say after the name of a command.
#ifndef MCNC_TOOLS_MCNC_COMMAND_LINES_H_
#define MCNC_TOOLS_MCNC_COMMAND_LINES_H_

#include <CLI/CLI.hpp>

namespace mcnc::tools {

// Adds commands to the program. The one that is called leaves its exit code in `code`, which must outlive the program.
void add_reading_commands(CLI::App& program, int& code);
void add_writing_commands(CLI::App& program, int& code);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_COMMAND_LINES_H_
