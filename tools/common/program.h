// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_COMMON_PROGRAM_H_
#define MCNC_TOOLS_COMMON_PROGRAM_H_

namespace mcnc::tools {

// What main() does: prepares the standard streams and signals, answers run(argc, argv), and makes of everything that is
// thrown a message on standard error and an exit code.
int run_program(const char* program, int (*run)(int, char**), int argc, char** argv) noexcept;

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_PROGRAM_H_
