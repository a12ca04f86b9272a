// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The mcnc program.

#include <CLI/CLI.hpp>
#include <iostream>
#include <sstream>

#include "arguments.h"
#include "command_lines.h"
#include "commands.h"
#include "common/command_line.h"
#include "common/description.h"
#include "common/output.h"
#include "common/program.h"
#include "common/report.h"
#include "device.h"

namespace mcnc::tools {
namespace {

int run(int argc, char** argv) {
  CLI::App program("Reads .mcnc files: neural networks as seeds and codes.", kProgram);
  CLI::Option* version = program.set_version_flag(
      "-v,--version", [&] { return version_text(version->count() > 1); },
      "Print the version; twice, the instruction sets of this processor too");
  program.set_help_flag("-h,--help", "Print this help");
  add_describe(program);
  program.require_subcommand(1);
  program.get_formatter()->label("SUBCOMMAND", "COMMAND");
  program.get_formatter()->label("REQUIRED", "");
  program.footer(std::string("mcnc COMMAND --help says more about a command.\n\n") + kExitCodes);
  int code = 0;

  add_reading_commands(program, code);
  add_writing_commands(program, code);

  if (argc == 1) {
    std::cerr << program.help();
    return exit_code(ErrorCode::kArgument);
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    std::ostringstream text;
    program.exit(help_or_version, text, text);
    return report(kProgram, "", print(text.str()));
  } catch (const CLI::ParseError& error) {
    return report(kProgram, "", {ErrorCode::kArgument, "", mistake_text(program, error)});
  } catch (const DeviceError& error) {
    return report(kProgram, "", error.status);
  }
  return code;
}

}  // namespace
}  // namespace mcnc::tools

int main(int argc, char** argv) {
  return mcnc::tools::run_program(mcnc::tools::kProgram, mcnc::tools::run, argc, argv);
}
