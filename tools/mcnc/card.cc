// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The README.md of a repository on a hub: what the file knows of itself, and places to say what it cannot know.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <variant>

#include "commands.h"
#include "common/escape.h"
#include "common/inputs.h"
#include "common/output.h"
#include "common/report.h"
#include "describe.h"
#include "mcnc/units.h"
#include "open.h"

namespace mcnc::tools {
namespace {

// What metadata says, "" where it says nothing.
std::string said(const Manifest& manifest, const char* key) {
  const MetadataValue* value = manifest.find_metadata(key);
  return value == nullptr ? "" : text_of(*value);
}

// A text as YAML and JSON both have it.
std::string json_quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// A text within a line of Markdown: nothing in it is markup.
std::string markdown(const std::string& text) {
  std::string safe;
  for (const char c : escape(text)) {
    if (std::string_view("\\`*_{}[]<>()#+-!|~&").find(c) != std::string_view::npos) safe += '\\';
    safe += c;
  }
  return safe;
}

// In a code span. Escaped, it has no line ends; a back quote would end the span.
std::string code(const std::string& text) {
  std::string safe = escape(text);
  std::ranges::replace(safe, '`', '\'');
  return "`" + safe + "`";
}

// As a shell takes it.
std::string shell_word(const std::string& text) {
  std::string word;
  for (const char c : escape(text)) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/") ==
                 std::string::npos
             ? word
             : "'" + word + "'";
}

bool is_adapter(const Manifest& manifest) {
  return manifest.find_metadata("peft.lora_alpha") != nullptr ||
         std::ranges::any_of(manifest.tensors, [](const Tensor& tensor) {
           return std::holds_alternative<Product>(tensor.source) || tensor.name.find(".lora_A.") != std::string::npos;
         });
}

// What hubs read: YAML between two lines of dashes.
std::string front_matter(const Manifest& manifest) {
  std::string license = said(manifest, "general.license");
  std::ranges::transform(license, license.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  std::string text = "---\nlibrary_name: mcnc\n";
  text += license.empty() ? "# license: say under which one, as an SPDX identifier in lower case\n"
                          : "license: " + json_quoted(license) + "\n";
  if (!manifest.bases.empty()) {
    text += "base_model:\n";
    for (const Base& base : manifest.bases) text += "- " + json_quoted(base.name) + "\n";
  }
  text += "tags:\n- mcnc\n- compressed\n";
  if (is_adapter(manifest)) text += "- adapter\n- lora\n";
  return text + "---\n\n";
}

std::string about(const Manifest& manifest, const std::string& file) {
  const std::string title = said(manifest, "general.name");
  const std::string description = said(manifest, "general.description");
  const std::string author = said(manifest, "general.author");
  const std::string url = said(manifest, "general.url");
  std::string text = "# " + markdown(title.empty() ? file : title) + "\n\n";
  text += description.empty() ? "<!-- What is it, and what is it for? -->\n\n" : markdown(description) + "\n\n";
  if (!author.empty()) text += "By " + markdown(author) + ".\n\n";
  if (!url.empty()) text += "More: " + markdown(url) + "\n\n";
  return text;
}

std::string sizes(const Reader& reader, const std::string& file) {
  const Manifest& manifest = reader.manifest();
  std::uint64_t tensors = 0;
  std::uint64_t elements = 0;
  std::uint64_t from_codes = 0;
  for (const Tensor& tensor : manifest.tensors) {
    if (tensor.factor) continue;
    ++tensors;
    elements += tensor.elements();
    if (!std::holds_alternative<Stored>(tensor.source)) from_codes += tensor.elements();
  }
  std::array<char, 32> ratio;
  std::snprintf(ratio.data(), ratio.size(), "%.1f",
                static_cast<double>(manifest.budget.output_bytes) / static_cast<double>(reader.file_length()));
  const auto row = [](const char* what, const std::string& value) {
    return std::string("| ") + what + " | " + value + " |\n";
  };
  return "## The file\n\n| | " + code(file) + " |\n|---|---|\n" + row("size", human_bytes(reader.file_length())) +
         row("decoded", human_bytes(manifest.budget.output_bytes) + ", " + ratio.data() + " times its size") +
         row("weights", grouped(elements) + " in " + counted(tensors, "tensor")) +
         row("of them made from codes", grouped(from_codes)) +
         row("multiply-adds to decode", human_count(manifest.budget.multiply_adds)) +
         row("weights identity", code(to_hex(manifest.weights_identity))) + "\n" +
         "The weights identity names every bit of the weights, however they are compressed. `mcnc verify` proves "
         "it.\n\n";
}

std::string usage_text(const Manifest& manifest, const std::string& file) {
  const std::string word = shell_word(file);
  std::string bases;
  for (std::size_t i = 0; i < manifest.bases.size(); ++i) bases += " --base BASE_FOLDER";
  std::string text = "## How to use it\n\n```sh\nmcnc verify " + word + bases + "\n";
  if (!manifest.bases.empty()) {
    text += "mcnc merge BASE_FOLDER " + word + " -o model.safetensors\n";
  } else if (is_adapter(manifest)) {
    text += "mcnc export --peft " + word + " -o adapter          # for Hugging Face PEFT\n";
    text += "mcnc merge BASE_FOLDER " + word + " -o model.safetensors\n";
  } else {
    text += "mcnc decode " + word + " -o model.safetensors\n";
  }
  text += "```\n\n";
  for (const Base& base : manifest.bases) {
    text +=
        "It starts from " + code(base.name) + ", of weights identity " + code(to_hex(base.weights_identity)) + ".\n\n";
  }
  if (manifest.bases.empty()) {
    text += "```python\nimport mcnc\n\ntensors = mcnc.numpy.load_file(" + json_quoted(file) + ")\n```\n\n";
  }
  return text;
}

constexpr char kToSay[] =
    "## Training\n\n<!-- On which data, with which recipe, from which seed? What was frozen, and what was trained? "
    "-->\n\n"
    "## Evaluation\n\n<!-- Measure the decoded file, beside the model that is not compressed, on the same data. -->\n\n"
    "## Limits and risks\n\n<!-- For whom is it not? What does it get wrong? What did compression cost? -->\n";

Status card_file(const CardOptions& options) {
  if (Status s = check_output(options.output, options.force); !s.ok()) return s;
  if (Status s = check_not_input(options.output, std::span(&options.file, 1)); !s.ok()) return s;
  const Result<Reader> reader = open_reader(options.file, kUnlimited);
  if (!reader.ok()) return reader.status();
  const Manifest& manifest = reader->manifest();
  const std::string file = options.file == "-" ? "model.mcnc" : std::filesystem::path(options.file).filename().string();
  const std::string text =
      front_matter(manifest) + about(manifest, file) + usage_text(manifest, file) + sizes(*reader, file) + kToSay;
  return write_text(options.output, text, options.force);
}

}  // namespace

int card(const CardOptions& options) {
  return report(kProgram, options.file, card_file(options), std::span(&options.output, 1));
}

}  // namespace mcnc::tools
