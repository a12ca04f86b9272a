// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/command_line.h"

#include <charconv>
#include <system_error>

#include "common/suggest.h"

namespace mcnc::tools {
namespace {

// The command that was reached, and its name as people write it: "mcnc meta set".
struct Reached {
  const CLI::App* app;
  std::string name;
};

Reached innermost(const CLI::App& program) {
  Reached reached{&program, program.get_name()};
  for (;;) {
    const std::vector<CLI::App*> chosen = reached.app->get_subcommands();
    if (chosen.empty()) return reached;
    reached.app = chosen.back();
    reached.name += " " + reached.app->get_name();
  }
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

// Where the command line has a word that nothing takes: that word, and what may have been meant. Else "".
std::string unexpected_text(const CLI::App& program, const Reached& reached) {
  const std::vector<std::string> left = program.remaining(true);
  for (const std::string& word : left) {
    if (word.size() < 2 || word.front() != '-') continue;
    const std::string option = word.substr(0, word.find('='));
    const std::vector<std::string> names = option_names(*reached.app);
    return "there is no option " + option +
           suggestion(option, std::vector<std::string_view>(names.begin(), names.end()));
  }
  if (left.empty()) return {};
  const std::vector<std::string> commands = command_names(*reached.app);
  if (commands.empty()) return "nothing takes the argument \"" + left.front() + "\"";
  return "there is no command " + left.front() +
         suggestion(left.front(), std::vector<std::string_view>(commands.begin(), commands.end()));
}

// What is wrong, without where help is.
std::string reason(const CLI::App& program, const Reached& reached, const CLI::ParseError& error) {
  const std::vector<std::string> commands = command_names(*reached.app);
  const bool lacks_command = !commands.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (lacks_command || dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    std::string unexpected = unexpected_text(program, reached);
    if (!unexpected.empty()) return unexpected;
  }
  if (lacks_command) {
    const std::vector<std::string_view> words(commands.begin(), commands.end());
    return "a command is missing: " + joined(words);
  }
  const std::string text = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr && text.ends_with("missing")) {
    return text.substr(0, text.find(':')) + " needs a value";  // "--output: 1 required OUT missing"
  }
  return text;
}

}  // namespace

std::string mistake_text(const CLI::App& program, const CLI::ParseError& error) {
  const Reached reached = innermost(program);
  return reason(program, reached, error) + "; " + reached.name + " --help says what is possible";
}

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
  const auto check = [least, most](const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool fits = error == std::errc() && end == text.data() + text.size() && value >= least && value <= most;
    return fits
               ? std::string()
               : "\"" + text + "\" is not a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  };
  return CLI::Validator(check, "");  // without a text of its own: help stays readable
}

void refuse_word(const std::string& option, const std::string& text, std::span<const std::string_view> words) {
  throw CLI::ValidationError(option, "\"" + text + "\" is not " + joined(words) + suggestion(text, words));
}

}  // namespace mcnc::tools
