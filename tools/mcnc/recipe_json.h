// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// JSON that a person wrote, read key by key: every mistake is found and named by its place.
#ifndef MCNC_TOOLS_MCNC_RECIPE_JSON_H_
#define MCNC_TOOLS_MCNC_RECIPE_JSON_H_

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mcnc/status.h"

namespace mcnc::tools {

using Json = nlohmann::json;

// The whole of a file. kArgument where it is not JSON, with line and column; where an object has a key twice, a number
// is one that JSON can say and no program can hold, or a text holds a NUL, with the JSON pointer of the place. Files
// of more than 32 MiB are not read.
Result<Json> read_json(const std::string& path);

// `message` about the place `pointer` of a document, "" for the document itself.
std::string about(const std::string& pointer, const std::string& message);

// A value and where it stands. All values of a document share one Status, which keeps the first mistake: after it every
// call answers something of its type that means nothing, so that a caller checks once, at the end.
class JsonValue {
 public:
  // The document itself; both must outlive the value.
  JsonValue(const Json& document, Status& status) : json_(&document), status_(&status) {}

  // JSON pointer (RFC 6901), "" for the document.
  const std::string& path() const noexcept { return path_; }
  void refuse(const std::string& message) const;

  const Json& json() const noexcept { return *json_; }

  std::string text() const;  // not empty, and without NUL
  std::uint64_t whole(std::uint64_t least, std::uint64_t most) const;
  double number() const;
  bool flag() const;
  std::vector<JsonValue> list() const;
  std::vector<std::pair<std::string, JsonValue>> members() const;

  // One of a few words.
  template <typename T, std::size_t N>
  T choice(const std::pair<std::string_view, T> (&choices)[N]) const {
    std::vector<std::string_view> words;
    for (const auto& [word, value] : choices) words.push_back(word);
    return choices[choose(words)].second;
  }

 protected:
  JsonValue(const Json* json, std::string path, Status* status)
      : json_(json), path_(std::move(path)), status_(status) {}
  // Null, and refused, where the value has no such member.
  JsonValue member(std::string_view key) const;

 private:
  // The index of the word that the value is, 0 where it is none.
  std::size_t choose(std::span<const std::string_view> words) const;

  const Json* json_;
  std::string path_;
  Status* status_;
};

// An object of which all keys are known.
class JsonObject : public JsonValue {
 public:
  // Refuses keys that are not in `keys`.
  JsonObject(const JsonValue& value, std::initializer_list<std::string_view> keys);

  bool has(std::string_view key) const { return json().is_object() && json().contains(key); }
  // Refuses where there is none.
  JsonValue operator[](std::string_view key) const { return member(key); }

  // Refuses unless exactly one of `keys` is there, and answers it.
  std::string_view one_of(std::initializer_list<std::string_view> keys) const;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_RECIPE_JSON_H_
