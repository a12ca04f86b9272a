// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "recipe_json.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "common/suggest.h"
#include "mcnc/recognize.h"
#include "mcnc/text_file.h"

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

// Makes a document of what the parser finds, and knows at each moment where in the document it stands.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  const Status& status() const noexcept { return status_; }
  Json& document() noexcept { return document_; }

  bool null() override { return add(nullptr) != nullptr; }
  bool boolean(bool value) override { return add(value) != nullptr; }
  // Of whole numbers only "-0" comes here as a 0: it keeps its sign.
  bool number_integer(std::int64_t value) override { return add(value == 0 ? Json(-0.0) : Json(value)) != nullptr; }
  bool number_unsigned(std::uint64_t value) override { return add(value) != nullptr; }
  bool number_float(double value, const std::string& text) override {
    if (text.find_first_of(".eE") == std::string::npos) {
      return refuse("the whole number " + text + " is not one from -2^63 to 2^64 - 1");
    }
    return add(value) != nullptr;
  }
  bool string(std::string& value) override {
    if (value.find('\0') != std::string::npos) return refuse("a text must not hold the character NUL");
    return add(std::move(value)) != nullptr;
  }
  // Of other formats than JSON.
  bool binary(Json::binary_t& value) override { return add(std::move(value)) != nullptr; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    key_ = name;
    if (open_.back()->contains(name)) return refuse("its object has the key \"" + name + "\" twice");
    return true;
  }
  bool parse_error(std::size_t, const std::string& token, const nlohmann::detail::exception& error) override {
    constexpr int kNumberOverflow = 406;
    if (error.id == kNumberOverflow) return refuse("the number " + token + " is larger than any that can be read");
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    const std::string what = error.what();
    const std::size_t start = what.find("] ");
    status_ = {ErrorCode::kArgument, "", about(prefix_, what.substr(start == std::string::npos ? 0 : start + 2))};
    return false;
  }

 private:
  // The place of the value that comes next.
  std::string pointer() const {
    if (open_.empty()) return prefix_;
    const std::string step = open_.back()->is_array() ? std::to_string(open_.back()->size()) : escape_key(key_);
    return prefix_ + '/' + step;
  }
  bool refuse(const std::string& message) {
    status_ = {ErrorCode::kArgument, "", about(pointer(), message)};
    return false;
  }
  // Where the value is now.
  Json* add(Json value) {
    if (open_.empty()) return &(document_ = std::move(value));
    Json& parent = *open_.back();
    if (parent.is_array()) return &parent.emplace_back(std::move(value));
    return &(parent[key_] = std::move(value));
  }
  bool open(Json value) {
    if (open_.size() == kMaxDepth) return refuse("it is nested too deeply");
    std::string place = pointer();
    // Stays where it is while it is open: its parent does not grow before it is closed.
    open_.push_back(add(std::move(value)));
    lengths_.push_back(prefix_.size());
    prefix_ = std::move(place);
    return true;
  }
  bool close() {
    open_.pop_back();
    prefix_.resize(lengths_.back());
    lengths_.pop_back();
    return true;
  }

  Json document_;
  std::vector<Json*> open_;           // objects and lists that have begun, the innermost last
  std::string prefix_;                // JSON pointer of the innermost
  std::vector<std::size_t> lengths_;  // that `prefix_` had before each of `open_`
  std::string key_;                   // of the value that comes next, in an object
  Status status_;
};

// What a file is that people name in place of a recipe; "" where it may be one.
std::string other_file(std::string_view text) {
  const std::span<const std::byte> head = std::as_bytes(std::span(text));
  if (is_mcnc(head)) return "is a .mcnc file already, not a recipe";
  if (is_safetensors(head)) {
    return "is a safetensors file, not a recipe; a recipe says what its tensors are, and has it in \"files\"";
  }
  return {};
}

}  // namespace

std::string about(const std::string& pointer, const std::string& message) {
  return pointer.empty() ? message : pointer + ": " + message;
}

Result<Json> read_json(const std::string& path) {
  const Result<std::string> text = read_text(path, kMaxBytes, ErrorCode::kArgument);
  if (!text.ok()) return text.status();
  if (const std::string why = other_file(*text); !why.empty()) return Status(ErrorCode::kArgument, "", why);
  // The parser takes a NUL for the end of the text, and would not look at what follows.
  if (const std::size_t nul = text->find('\0'); nul != std::string::npos) {
    const auto line = std::count(text->begin(), text->begin() + static_cast<std::ptrdiff_t>(nul), '\n') + 1;
    return Status(ErrorCode::kArgument, "", "line " + std::to_string(line) + " has a NUL byte, which JSON has nowhere");
  }
  // The parser would pass over one.
  if (text->starts_with("\xEF\xBB\xBF")) {
    return Status(ErrorCode::kArgument, "", "begins with a byte order mark: save it as UTF-8 without one");
  }
  Builder builder;
  const bool sound = Json::sax_parse(*text, &builder);
  if (!builder.status().ok()) return builder.status();
  if (!sound) return Status(ErrorCode::kArgument, "", "is not JSON");
  return std::move(builder.document());
}

void JsonValue::refuse(const std::string& message) const {
  if (status_->ok()) *status_ = {ErrorCode::kArgument, "", about(path_, message)};
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
  if (least == most) {
    refuse("must be " + std::to_string(least));
  } else {
    refuse("must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
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
