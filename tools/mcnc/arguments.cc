// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "arguments.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "kernels/kernels.h"
#include "version.h"

namespace mcnc::tools {
namespace {

std::string target_names() {
  std::string names;
  for (const std::string_view name : supported_targets()) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

}  // namespace

unsigned all_cores() { return std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads); }

void add_threads(CLI::App& command, unsigned& threads) {
  threads = all_cores();
  command.add_option("--threads", threads, "How many decode; the weights do not depend on it [one a core]")
      ->check(CLI::Range(1U, kMostThreads))
      ->type_name("N");
}

void add_target(CLI::App& command, std::string_view& target) {
  const auto choose = [&target](const std::string& text) {
    const std::vector<std::string_view> names = supported_targets();
    const auto name = std::ranges::find(names, text);
    if (name == names.end()) {
      throw CLI::ValidationError("--target", text + " is none that this processor has: " + target_names());
    }
    target = *name;
  };
  command
      .add_option_function<std::string>(
          "--target", choose,
          "Instruction set to decode with, as mcnc --version -v lists them; the weights do not depend on it [the best, "
          "or what MCNC_TARGET names]")
      ->type_name("NAME");
}

std::string version_text(bool targets) {
  std::string text = std::string("mcnc ") + kVersion + " (format 1.0)";
  if (targets) text += "\ntargets: " + target_names() + "; in use: " + std::string(default_kernels().name);
  return text;
}

}  // namespace mcnc::tools
