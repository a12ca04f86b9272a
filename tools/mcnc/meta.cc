// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "commands.h"
#include "common/draft_output.h"
#include "common/escape.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/report.h"
#include "common/suggest.h"
#include "common/table.h"
#include "describe.h"
#include "json_text.h"
#include "mcnc/names.h"
#include "mcnc/writer.h"
#include "open.h"
#include "peft_config.h"

namespace mcnc::tools {
namespace {

using Entries = std::map<std::string, MetadataValue>;

Status usage(std::string message) { return {ErrorCode::kArgument, "", std::move(message)}; }

std::string_view type_of(const MetadataValue& value) {
  return std::visit(Overloaded{
                        [](const std::string&) { return "text"; },
                        [](std::int64_t) { return "int"; },
                        [](double) { return "real"; },
                        [](bool) { return "bool"; },
                    },
                    value);
}

Entries entries_of(const Manifest& manifest) {
  Entries entries;
  for (const Metadata& entry : manifest.metadata) entries.emplace(entry.key, entry.value);
  return entries;
}

Status no_key(const std::string& key, const Entries& entries) {
  std::vector<std::string_view> known;
  for (const auto& [each, ignored] : entries) known.push_back(each);
  return usage("there is no metadata " + key + suggestion(key, known));
}

// All of `text` as a number, or nothing.
template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<MetadataValue> parse_value(std::string_view type, std::string_view text) {
  constexpr std::size_t kMaxSize = 65536;
  if (type == "text") {
    if (text.size() > kMaxSize || !is_utf8(text)) return std::nullopt;
    return std::string(text);
  }
  if (type == "int") return parse<std::int64_t>(text);
  if (type == "real") {
    const std::optional<double> real = parse<double>(text);
    if (!real || !std::isfinite(*real)) return std::nullopt;
    return *real;
  }
  if (text != "true" && text != "false") return std::nullopt;
  return text == "true";
}

// KEY=VALUE or KEY:TYPE=VALUE. Keys have no colon.
Status assign(const std::string& assignment, Entries& entries) {
  constexpr std::string_view kTypes[] = {"text", "int", "real", "bool"};
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos)
    return usage("\"" + assignment + "\" is not of the form KEY=VALUE, such as general.name=\"my model\"");
  std::string key = assignment.substr(0, equals);
  const std::string text = assignment.substr(equals + 1);
  std::string type = "text";
  const std::size_t colon = key.find(':');
  if (colon != std::string::npos) {
    type = key.substr(colon + 1);
    key.resize(colon);
    if (std::ranges::find(kTypes, type) == std::end(kTypes)) {
      return usage("type " + type + " of " + key + " is not text, int, real or bool" + suggestion(type, kTypes));
    }
  }
  if (!is_metadata_key(key)) {
    return usage("\"" + key +
                 "\" is not a key: those are lower-case words (a-z 0-9 _) joined by dots, such as general.name");
  }
  const std::optional<MetadataValue> parsed = parse_value(type, text);
  if (!parsed) {
    const std::string what = type == "text"   ? "a text of at most 65536 bytes of UTF-8"
                             : type == "int"  ? "a whole number from -2^63 to 2^63 - 1"
                             : type == "real" ? "a finite number such as 0.5 or 1e-3"
                                              : "true or false";
    return usage(key + ": \"" + text + "\" is not " + what);
  }
  Result<MetadataValue> value = known_metadata(key, *parsed);
  if (!value.ok()) return usage(value.status().message());

  // A number does not become a text because its type was forgotten.
  const auto existing = entries.find(key);
  if (colon == std::string::npos && existing != entries.end() && type_of(existing->second) != type_of(*value) &&
      key != kLoraAlphaKey) {
    const std::string was(type_of(existing->second));
    return usage(key + " is of type " + was + " in the file; say " + key + ":" + was + "=... or " + key + ":text=...");
  }
  entries.insert_or_assign(key, *std::move(value));
  return {};
}

Status set_metadata(const MetaOptions& options) {
  if (options.assignments.empty() && options.removed.empty()) return usage("nothing to set or remove is named");
  if (Status s = check_output(options.output, options.force); !s.ok()) return s;
  Result<Reader> file = open_reader(options.file, options.limits);
  if (!file.ok()) return file.status();
  Result<BaseModels> bases = BaseModels::open(options.bases, options.limits, options.decoding);
  if (!bases.ok()) return bases.status();

  Manifest manifest = file->manifest();
  Entries entries = entries_of(manifest);
  for (const std::string& key : options.removed) {
    if (entries.erase(key) == 0) return no_key(key, entries);
  }
  for (const std::string& assignment : options.assignments) {
    if (Status s = assign(assignment, entries); !s.ok()) return s;
  }
  manifest.metadata.clear();
  for (auto& [key, value] : entries) manifest.metadata.push_back({key, std::move(value)});

  hold_interrupts();
  auto output = open_draft(options.output, options.force);
  if (!output.ok()) return output.status();
  Draft& draft = (*output)->draft();
  DecoderOptions decoding = options.decoding;
  decoding.execution.progress = interruptible;
  if (Status s = rewrite(*file, manifest, draft, decoding.execution); !s.ok()) return s;
  // The new file has the old one's digests and weights identity, word for word: that it verifies says that both do.
  Result<Reader> written = reopen_draft(draft, manifest);
  if (!written.ok()) return written.status();
  const auto check = [&](Reader& reader) -> Status {
    Result<Decoder> decoder = make_decoder(reader, *bases, decoding);
    if (!decoder.ok()) return decoder.status();
    return options.bases.empty() ? decoder->verify_without_bases() : decoder->verify();
  };
  if (Status s = check(*written); !s.ok()) {
    // Said of the old file, where it is wrong there too: that is the one that people have.
    const Status of_old = check(*file);
    return of_old.ok() ? s : of_old;
  }
  return (*output)->commit();
}

Status get_metadata(const MetaOptions& options) {
  const Result<Reader> reader = open_reader(options.file, kUnlimited);
  if (!reader.ok()) return reader.status();
  const Entries entries = entries_of(reader->manifest());
  if (options.json) {
    if (options.key && !entries.contains(*options.key)) return no_key(*options.key, entries);
    nlohmann::json values = nlohmann::json::object();
    for (const auto& [key, value] : entries) {
      if (options.key && key != *options.key) continue;
      values[key] = std::visit([](const auto& held) { return nlohmann::json(held); }, value);
    }
    JsonText text("mcnc.meta/1");
    text.add("file", nlohmann::json(options.file));
    text.add("metadata", values);
    return print(std::move(text).finish());
  }
  if (options.key) {
    const auto entry = entries.find(*options.key);
    if (entry == entries.end()) return no_key(*options.key, entries);
    return print(escape(text_of(entry->second)) + "\n");
  }
  Table table("lll");
  for (const auto& [key, value] : entries) {
    table.add({escape(key), std::string(type_of(value)), escape(text_of(value))});
  }
  return print(table.to_string(""));
}

}  // namespace

int meta(const MetaOptions& options) {
  const Status status = options.set ? set_metadata(options) : get_metadata(options);
  const int code = report(kProgram, options.file, status, std::span(&options.output, 1));
  release_interrupts();
  return code;
}

}  // namespace mcnc::tools
