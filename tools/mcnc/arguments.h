// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Commands, options that several of them have, and what --version says.
#ifndef MCNC_TOOLS_MCNC_ARGUMENTS_H_
#define MCNC_TOOLS_MCNC_ARGUMENTS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "mcnc/decoder.h"
#include "mcnc/limits.h"

namespace mcnc::tools {

// That the library takes.
inline constexpr unsigned kMostThreads = 1024;

// As many as the processor runs at a time, within what the library takes.
unsigned all_cores();

// --threads N
void add_threads(CLI::App& command, unsigned& threads);
// --target NAME
void add_target(CLI::App& command, std::string_view& target);

// Both, and --device NAME.
void add_decoding(CLI::App& command, DecoderOptions& decoding);
// --max-output-bytes N and its like
void add_limits(CLI::App& command, Limits& limits);
// --base PATH ...
void add_bases(CLI::App& command, std::vector<std::string>& bases);
// FILE
void add_file(CLI::App& command, std::string& file);

// What SafetensorsModel::open takes, for help texts.
extern const char kSafetensorsForms[];

// A command; `more` stands in its help, before the exit codes.
CLI::App& add_command(CLI::App& program, const std::string& name, const std::string& what, const std::string& more);

// Program and format; `targets`: the instruction sets of this processor too, on a second line.
std::string version_text(bool targets);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_ARGUMENTS_H_
