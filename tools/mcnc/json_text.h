// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The text of a JSON object, written member by member: what lists a hundred thousand tensors is never a document in
// memory, which would take many times the bytes of its text. Laid out as the JSON library's dump(2) does.
#ifndef MCNC_TOOLS_MCNC_JSON_TEXT_H_
#define MCNC_TOOLS_MCNC_JSON_TEXT_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "mcnc/status.h"

namespace mcnc::tools {

// An error in words and as programs know it: code, its name, the rule and the byte of the file where there are any.
inline nlohmann::ordered_json error_json(const Status& status) {
  nlohmann::ordered_json error = {{"code", static_cast<int>(status.code())}, {"name", name(status.code())}};
  if (!status.rule().empty()) error["rule"] = status.rule();
  if (status.offset() != Status::kNoOffset) error["offset"] = status.offset();
  error["message"] = status.message();
  return error;
}

class JsonText {
 public:
  // The first member, "schema", says what the object is, and which version of that: "mcnc.info/1". Members may be added
  // to a version; one that changes or goes away makes a new one. docs/json.schema.json describes them all.
  explicit JsonText(std::string_view schema) { add("schema", nlohmann::json(schema)); }

  // A member. Keys must differ. Json: a type of the JSON library.
  template <typename Json>
  void add(std::string_view key, const Json& value) {
    begin(key);
    append(value, 2);
  }

  // A member that is a list of item(each) for each of `range`.
  template <typename Range, typename Item>
  void add_list(std::string_view key, const Range& range, Item&& item) {
    begin(key);
    text_ += '[';
    bool first = true;
    for (const auto& each : range) {
      text_ += std::exchange(first, false) ? "\n    " : ",\n    ";
      append(item(each), 4);
    }
    text_ += first ? "]" : "\n  ]";
  }

  // The whole object, and a line end.
  std::string finish() && { return std::move(text_) + (text_.size() > 1 ? "\n}\n" : "}\n"); }

 private:
  void begin(std::string_view key) {
    text_ += text_.size() > 1 ? ",\n  " : "\n  ";
    append(nlohmann::json(key), 0);
    text_ += ": ";
  }

  // `value`, whose first line stands where the text ends and whose other lines begin with `indent` blanks.
  template <typename Json>
  void append(const Json& value, std::size_t indent) {
    // Line ends in texts are escaped: those that are there are the layout's.
    const std::string text = value.dump(2, ' ', true, Json::error_handler_t::replace);
    for (const char c : text) {
      text_ += c;
      if (c == '\n') text_.append(indent, ' ');
    }
  }

  std::string text_ = "{";
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_JSON_TEXT_H_
