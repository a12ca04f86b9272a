// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "recipe_json.h"

#include <algorithm>
#include <cmath>

#include "common/suggest.h"
#include "common/text_file.h"

namespace mcnc::tools {
namespace {

constexpr std::size_t kMaxDepth = 32;                     // far more than a recipe has
constexpr std::size_t kMaxBytes = std::size_t{32} << 20;  // likewise

// One key of a JSON pointer.
std::string escape_key(std::string_view key) {
  std::string escaped;
  for (const char c : key) {
    if (c == '~' || c == '/') {
      escaped += c == '~' ? "~0" : "~1";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string joined(std::span<const std::string_view> words, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? std::string(last) : ", ";
    text += std::string(words[i]);
  }
  return text;
}

}  // namespace

Result<Json> read_json(const std::string& path) {
  const Result<std::string> text = read_text(path, kMaxBytes, Code::kArgument);
  if (!text.ok()) return text.status();
  return parse_json(*text, kMaxDepth);
}

void JsonValue::refuse(const std::string& message) const {
  if (status_->ok()) *status_ = {Code::kArgument, "", path_.empty() ? message : path_ + ": " + message};
}

JsonValue JsonValue::member(std::string_view key) const {
  static const Json nothing;
  const auto found = json_->find(std::string(key));
  if (json_->is_object() && found != json_->end()) return {&*found, path_ + "/" + escape_key(key), status_};
  refuse("needs \"" + std::string(key) + "\"");
  return {&nothing, path_, status_};
}

std::string JsonValue::text() const {
  const auto* text = json_->get_ptr<const std::string*>();
  if (text != nullptr && !text->empty()) return *text;
  refuse("must be a text in quotes, not empty");
  return {};
}

std::uint64_t JsonValue::whole(std::uint64_t least, std::uint64_t most) const {
  if (json_->is_number_unsigned() && json_->get<std::uint64_t>() >= least && json_->get<std::uint64_t>() <= most) {
    return json_->get<std::uint64_t>();
  }
  refuse("must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return least;
}

double JsonValue::number() const {
  if (json_->is_number() && std::isfinite(json_->get<double>())) return json_->get<double>();
  refuse("must be a number");
  return 0;
}

bool JsonValue::flag() const {
  if (!json_->is_boolean()) refuse("must be true or false");
  return json_->is_boolean() && json_->get<bool>();
}

std::vector<JsonValue> JsonValue::list() const {
  if (!json_->is_array()) refuse("must be a list");
  std::vector<JsonValue> values;
  if (!json_->is_array()) return values;
  for (std::size_t i = 0; i < json_->size(); ++i) {
    values.push_back({&(*json_)[i], path_ + "/" + std::to_string(i), status_});
  }
  return values;
}

std::vector<std::pair<std::string, JsonValue>> JsonValue::members() const {
  if (!json_->is_object()) refuse("must be an object");
  std::vector<std::pair<std::string, JsonValue>> values;
  if (!json_->is_object()) return values;
  for (const auto& [key, value] : json_->items()) {
    values.emplace_back(key, JsonValue{&value, path_ + "/" + escape_key(key), status_});
  }
  return values;
}

std::size_t JsonValue::choose(std::span<const std::string_view> words) const {
  const auto* text = json_->get_ptr<const std::string*>();
  const auto found = text == nullptr ? words.end() : std::ranges::find(words, *text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  refuse("must be " + joined(words, " or ") + (text == nullptr ? std::string() : suggestion(*text, words)));
  return 0;
}

JsonObject::JsonObject(const JsonValue& value, std::initializer_list<std::string_view> keys) : JsonValue(value) {
  const std::vector<std::string_view> known(keys);
  for (const auto& [key, ignored] : members()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    const std::string near = suggestion(key, known);
    refuse("no key \"" + key + "\"" + (near.empty() ? "; it has " + joined(known, " and ") : near));
  }
}

std::string_view JsonObject::one_of(std::initializer_list<std::string_view> keys) const {
  std::string_view found;
  for (const std::string_view key : keys) {
    if (!has(key)) continue;
    if (!found.empty()) refuse("has both \"" + std::string(found) + "\" and \"" + std::string(key) + "\"");
    found = key;
  }
  if (found.empty()) refuse("needs one of " + joined(std::vector<std::string_view>(keys), " and "));
  return found;
}

}  // namespace mcnc::tools
