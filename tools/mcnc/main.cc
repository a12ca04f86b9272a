// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The mcnc program.

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "arguments.h"
#include "command_lines.h"
#include "commands.h"
#include "common/command_line.h"
#include "common/description.h"
#include "common/output.h"
#include "common/program.h"
#include "common/report.h"
#include "common/suggest.h"
#include "device.h"

namespace mcnc::tools {
namespace {

// mcnc help decode: what mcnc decode --help prints.
Status print_help(const CLI::App& program, const std::vector<std::string>& words) {
  const CLI::App* app = &program;
  std::string path;  // of the commands that `app` belongs to
  for (const std::string& word : words) {
    std::vector<std::string_view> names;
    const CLI::App* found = nullptr;
    for (const CLI::App* inner : app->get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(inner->get_name());
      if (inner->get_name() == word) found = inner;
    }
    if (found == nullptr) return {ErrorCode::kArgument, "", "there is no command " + word + suggestion(word, names)};
    path += (path.empty() ? "" : " ") + app->get_name();
    app = found;
  }
  // The program's own help would be that of the command in use, which is this one.
  if (app != &program) return print(app->help(path));
  return print(program.get_formatter()->make_help(&program, kProgram, CLI::AppFormatMode::Normal));
}

void add_help(CLI::App& program, int& code) {
  const auto words = std::make_shared<std::vector<std::string>>();
  CLI::App& command =
      add_command(program, "help", "Say more about a command", "mcnc help decode is mcnc decode --help.");
  command.add_option("COMMAND", *words, "Such as decode, or meta set [mcnc itself]")->type_name("");
  command.callback([&program, words, &code] { code = report(kProgram, "", print_help(program, *words)); });
}

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
  add_help(program, code);

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
