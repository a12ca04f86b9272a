// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The mcnc program.

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <new>
#include <sstream>

#include "arguments.h"
#include "command_lines.h"
#include "commands.h"
#include "common/output.h"
#include "common/report.h"

namespace mcnc::tools {
namespace {

// An input or output opened below must not become a standard stream that the caller has closed, or a message would
// land in it. What stands there instead refuses every use.
void occupy_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) != -1 || errno != EBADF) continue;
    if (::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) == -1) _exit(exit_code(Code::kRead));
  }
}

int run(int argc, char** argv) {
  CLI::App program("Reads .mcnc files: neural networks as seeds and codes.", kProgram);
  CLI::Option* version = program.set_version_flag(
      "-v,--version", [&] { return version_text(version->count() > 1); },
      "Print the version; twice, the instruction sets of this processor too");
  program.set_help_flag("-h,--help", "Print this help");
  program.require_subcommand(1);
  program.get_formatter()->label("SUBCOMMAND", "COMMAND");
  program.get_formatter()->label("REQUIRED", "");
  program.footer(std::string("mcnc COMMAND --help says more about a command.\n\n") + kExitCodes);
  int code = 0;

  add_reading_commands(program, code);
  add_writing_commands(program, code);

  if (argc == 1) {
    std::cerr << program.help();
    return exit_code(Code::kArgument);
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    std::ostringstream text;
    program.exit(help_or_version, text, text);
    return report(kProgram, "", print(text.str()));
  } catch (const CLI::ParseError& error) {
    const bool no_command = program.get_subcommands().empty() && argv[1][0] != '-';
    const std::string mistake = no_command ? std::string("there is no command ") + argv[1] : error.what();
    return report(kProgram, "", {Code::kArgument, "", mistake + " (--help says what is possible)"});
  }
  return code;
}

}  // namespace
}  // namespace mcnc::tools

int main(int argc, char** argv) {
  mcnc::tools::occupy_standard_streams();
  // A reader that has seen enough ends us silently, whatever our parent ignored.
  std::signal(SIGPIPE, SIG_DFL);
  try {
    return mcnc::tools::run(argc, argv);
  } catch (const std::bad_alloc&) {
    return mcnc::tools::report(mcnc::tools::kProgram, "", {mcnc::Code::kMemory, "", "out of memory"});
  }
}
