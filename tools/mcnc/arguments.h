// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Options that several commands have, and what --version says.
#ifndef MCNC_TOOLS_MCNC_ARGUMENTS_H_
#define MCNC_TOOLS_MCNC_ARGUMENTS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "mcnc/decoder.h"

namespace mcnc::tools {

// That the library takes.
inline constexpr unsigned kMostThreads = 1024;

// As many as the processor runs at a time, within what the library takes.
unsigned all_cores();

// --threads N
void add_threads(CLI::App& command, unsigned& threads);
// --target NAME
void add_target(CLI::App& command, std::string_view& target);

// Program and format; `targets`: the instruction sets of this processor too, on a second line.
std::string version_text(bool targets);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_ARGUMENTS_H_
