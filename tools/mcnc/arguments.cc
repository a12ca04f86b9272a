// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "arguments.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "common/command_line.h"
#include "common/report.h"
#include "device.h"
#include "mcnc/execution.h"
#include "mcnc/units.h"
#include "version.h"

namespace mcnc::tools {
namespace {

std::string target_names() {
  std::string names;
  for (const std::string_view name : supported_targets()) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

void add_limit(CLI::App& command, const std::string& name, std::uint64_t step, std::uint64_t& limit,
               const std::string& what) {
  const auto parse = [&limit, name, step](const std::string& text) {
    const std::optional<std::uint64_t> quantity = parse_quantity(text, step);
    if (!quantity) throw CLI::ValidationError(name, "\"" + text + "\" is not a quantity such as 500, 64M or 2G");
    limit = *quantity;
  };
  command.add_option_function<std::string>(name, parse, what)->type_name("N");
}

}  // namespace

const char kSafetensorsForms[] =
    "a safetensors file, an index of shards, or a folder with one of them (with both, name the one that is meant)";

unsigned all_cores() { return std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads); }

void add_threads(CLI::App& command, unsigned& threads) {
  threads = all_cores();
  command.add_option("--threads", threads, "How many decode; the weights do not depend on it [one a core]")
      ->check(whole_number(1, kMostThreads))
      ->type_name("N");
}

void add_target(CLI::App& command, std::string_view& target) {
  const auto choose = [&target](const std::string& text) {
    const std::vector<std::string_view> names = supported_targets();
    const auto name = std::ranges::find(names, text);
    if (name == names.end()) refuse_word("--target", text, names);
    target = *name;
  };
  command
      .add_option_function<std::string>(
          "--target", choose,
          "Instruction set to decode with, as mcnc --version -v lists them; the weights do not depend on it [the best, "
          "or what MCNC_TARGET names]")
      ->type_name("NAME");
}

void add_decoding(CLI::App& command, DecoderOptions& decoding) {
  add_threads(command, decoding.execution.threads);
  add_target(command, decoding.execution.target);
  add_device(command, decoding.accelerator);
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

void add_bases(CLI::App& command, std::vector<std::string>& bases) {
  command
      .add_option("-b,--base", bases,
                  std::string("A model that the file starts from: ") + kSafetensorsForms +
                      ", or a .mcnc file; may be given again")
      ->type_name("PATH")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
}

void add_file(CLI::App& command, std::string& file) {
  command.add_option("FILE", file, "A .mcnc file; - or a named pipe: a stream")->required()->type_name("");
}

CLI::App& add_command(CLI::App& program, const std::string& name, const std::string& what, const std::string& more) {
  CLI::App& command = *program.add_subcommand(name, what);
  command.group("Commands");
  command.footer(more + (more.empty() ? "" : "\n\n") + kExitCodes);
  return command;
}

std::string version_text(bool targets) {
  std::string text = std::string("mcnc ") + kVersion + " (format 1.0)";
  if (targets) text += "\ntargets: " + target_names() + "; in use: " + std::string(default_target());
  return text;
}

}  // namespace mcnc::tools
