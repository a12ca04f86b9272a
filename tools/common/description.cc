// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/description.h"

#include <nlohmann/json.hpp>
#include <string>

namespace mcnc::tools {
namespace {

using Json = nlohmann::ordered_json;

Json describe_argument(const CLI::Option& option) {
  return {{"name", option.get_name(true)},
          {"text", option.get_description()},
          {"required", option.get_required()},
          {"many", option.get_expected_max() > 1}};
}

Json describe_option(const CLI::Option& option) {
  Json names = Json::array();
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  const bool is_flag = option.get_items_expected_max() == 0;
  return {{"names", names},
          {"value", is_flag ? "" : option.get_type_name()},
          {"default", option.get_default_str()},
          {"text", option.get_description()},
          {"group", option.get_group()},
          {"required", option.get_required()}};
}

Json describe(const CLI::App& app) {
  Json arguments = Json::array();
  Json options = Json::array();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    if (option->nonpositional()) {
      options.push_back(describe_option(*option));
    } else {
      arguments.push_back(describe_argument(*option));
    }
  }
  Json commands = Json::array();
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back(describe(*command));
  }
  return {{"name", app.get_name()},   {"summary", app.get_description()},
          {"text", app.get_footer()}, {"arguments", arguments},
          {"options", options},       {"commands", commands}};
}

}  // namespace

void add_describe(CLI::App& program) {
  const auto print = [&program] { throw CLI::CallForVersion(describe(program).dump(1), 0); };
  program.add_flag_callback("--describe", print)->group("");
}

}  // namespace mcnc::tools
