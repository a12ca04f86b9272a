// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The mcnc program: what its command line may say, and which command answers.

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <new>
#include <sstream>

#include "commands.h"
#include "common/output.h"
#include "common/report.h"
#include "common/units.h"
#include "version.h"

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

void add_limit(CLI::App& command, const std::string& name, std::uint64_t step, std::uint64_t& limit,
               const std::string& what) {
  const auto parse = [&limit, name, step](const std::string& text) {
    const std::optional<std::uint64_t> quantity = parse_quantity(text, step);
    if (!quantity) throw CLI::ValidationError(name, text + " is no quantity such as 500, 64M or 2G");
    limit = *quantity;
  };
  command.add_option_function<std::string>(name, parse, what)->type_name("N");
}

void add_limits(CLI::App& command, Limits& limits) {
  const auto at_most = [](const std::string& what, const std::string& value) {
    return "Refuse files that " + what + " [" + value + "]";
  };
  add_limit(command, "--max-output-bytes", 1024, limits.output_bytes,
            at_most("decode to more bytes", human_bytes(limits.output_bytes)));
  add_limit(command, "--max-multiply-adds", 1000, limits.multiply_adds,
            at_most("take more multiply-adds", human_count(limits.multiply_adds)));
  add_limit(command, "--max-scratch-bytes", 1024, limits.scratch_bytes,
            at_most("need more memory beside their output", human_bytes(limits.scratch_bytes)));
}

CLI::App& add_command(CLI::App& program, const std::string& name, const std::string& what, const std::string& more) {
  CLI::App& command = *program.add_subcommand(name, what);
  command.group("Commands");
  command.footer(more + (more.empty() ? "" : "\n\n") + kExitCodes);
  return command;
}

void add_file(CLI::App& command, std::string& file) {
  command.add_option("FILE", file, "A .mcnc file; - or a named pipe: a stream")->required()->type_name("");
}

int run(int argc, char** argv) {
  CLI::App program("Reads .mcnc files: neural networks as seeds and codes.", kProgram);
  program.set_version_flag("-v,--version", std::string("mcnc ") + kVersion + " (format 1.0)");
  program.set_help_flag("-h,--help", "Print this help");
  program.require_subcommand(1);
  program.get_formatter()->label("SUBCOMMAND", "COMMAND");
  program.get_formatter()->label("REQUIRED", "");
  program.footer(std::string("mcnc COMMAND --help says more about a command.\n\n") + kExitCodes);
  int code = 0;

  InfoOptions info_options;
  CLI::App& info_command = add_command(program, "info", "Say what a file holds",
                                       "Reads only the first bytes of the file, checks them, and decodes nothing.");
  add_file(info_command, info_options.file);
  info_command.add_flag("--json", info_options.json, "Print one JSON object that says everything");
  info_command.callback([&] { code = info(info_options); });

  VerifyOptions verify_options;
  CLI::App& verify_command =
      add_command(program, "verify", "Check everything in files",
                  "Checks every checksum, decodes everything and compares the digests of the weights.\n"
                  "Of several files, the largest exit code is the answer.");
  verify_command.add_option("FILE", verify_options.files, ".mcnc files; -: standard input")->required()->type_name("");
  verify_command.add_flag("-q,--quiet", verify_options.quiet, "Say nothing about files that are well");
  add_limits(verify_command, verify_options.limits);
  verify_command.callback([&] { code = verify(verify_options); });

  DecodeOptions decode_options;
  CLI::App& decode_command =
      add_command(program, "decode", "Turn a file back into weights",
                  "Writes a safetensors file, wider elements first. The output appears when it is whole and its\n"
                  "digests are right; of a stream, believe it only where the exit code is 0.");
  add_file(decode_command, decode_options.file);
  decode_command.add_option("-o,--output", decode_options.output, "Where to write; - is standard output")
      ->type_name("OUT");
  decode_command.add_option("-t,--tensor", decode_options.tensors, "Only this tensor; may be given again")
      ->type_name("NAME")
      ->expected(1)
      ->take_all();
  decode_command.add_flag("--raw", decode_options.raw, "The bytes of one tensor, little-endian, row-major");
  decode_command.add_flag("-f,--force", decode_options.force, "Replace an output that exists");
  add_limits(decode_command, decode_options.limits);
  decode_command.callback([&] { code = decode(decode_options); });

  DigestOptions digest_options;
  CLI::App& digest_command =
      add_command(program, "digest", "List digests of decoded weights, or check such a list",
                  "A line for the weights of the file and one for each tensor: kind, digest, name. All is decoded\n"
                  "and compared first. Files with the same weights have the same digests, however they are coded.");
  CLI::Option* digest_files =
      digest_command.add_option("FILE", digest_options.files, ".mcnc files; -: standard input")->type_name("");
  CLI::Option* sums = digest_command
                          .add_option("-c,--check", digest_options.sums,
                                      "Compare with this list: its files, or one FILE of another name")
                          ->type_name("LIST");
  digest_command.add_flag("-w,--weights", digest_options.weights_only, "No lines for tensors")->excludes(sums);
  add_limits(digest_command, digest_options.limits);
  digest_command.callback([&] {
    if (digest_files->empty() && sums->empty()) throw CLI::RequiredError("FILE");
    code = digest(digest_options);
  });

  DumpOptions dump_options;
  CLI::App& dump_command = add_command(program, "dump", "Show a file byte range by byte range",
                                       "Of a damaged file, shows as much as can be told, then what is wrong.");
  add_file(dump_command, dump_options.file);
  dump_command.callback([&] { code = dump(dump_options); });

  ConformOptions conform_options;
  CLI::App& conform_command =
      add_command(program, "conform", "Answer the conformance suite",
                  "Prints what a file decodes to, or why it is refused, as one line of JSON: see\n"
                  "conformance/PROTOCOL.md.");
  CLI::Option* conform_file = conform_command.add_option("FILE", conform_options.file, "A .mcnc file")->type_name("");
  CLI::Option* pipe =
      conform_command.add_flag("--pipe", conform_options.pipe, "Answer requests, lines of JSON on standard input")
          ->excludes(conform_file);
  conform_command.add_flag("--stages", conform_options.stages, "Say what was computed on the way")->excludes(pipe);
  add_limits(conform_command, conform_options.limits);
  conform_command.callback([&] {
    if (conform_file->empty() && pipe->empty()) throw CLI::RequiredError("FILE or --pipe");
    code = conform(conform_options);
  });

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
    return mcnc::tools::report(mcnc::tools::kProgram, "", {mcnc::Code::kMemory, "", ""});
  }
}
