// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "checkpoints/json.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace mcnc {
namespace {

using nlohmann::json;

// Builds a document out of what the parser of the JSON library reports. The library's own builder with a callback looks
// through the parent again at every end of an object.
class Builder final : public nlohmann::json_sax<json> {
 public:
  Builder(std::string_view text, std::size_t most_depth) : text_(text), most_depth_(most_depth) {}

  const Status& status() const noexcept { return status_; }
  json& document() noexcept { return document_; }

  bool null() override { return add(nullptr) != nullptr; }
  bool boolean(bool value) override { return add(value) != nullptr; }
  bool number_integer(number_integer_t value) override { return add(value) != nullptr; }
  bool number_unsigned(number_unsigned_t value) override { return add(value) != nullptr; }
  bool number_float(number_float_t value, const string_t&) override { return add(value) != nullptr; }
  bool string(string_t& value) override { return add(std::move(value)) != nullptr; }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& key) override {
    const auto [place, is_new] = open_.back()->get_ref<json::object_t&>().emplace(key, nullptr);
    member_ = &place->second;
    return is_new || refuse("an object has the key \"" + key + "\" twice");
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ...", and others without a place.
    std::string why = error.what();
    const std::size_t start = why.find("] ");
    if (start != std::string::npos) why.erase(0, start + 2);
    return refuse(why.starts_with("parse error at ") ? why : "parse error at " + place_of(position) + ": " + why);
  }

  bool refuse(std::string why) {
    status_ = {ErrorCode::kArgument, "", std::move(why)};
    return false;
  }

  // position: of a byte, from 1, or 0.
  std::string place_of(std::size_t position) const {
    const std::string_view before = text_.substr(0, position == 0 ? 0 : position - 1);
    const std::size_t lines = static_cast<std::size_t>(std::ranges::count(before, '\n'));
    const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return "line " + std::to_string(lines + 1) + ", column " + std::to_string(before.size() - line_start + 1);
  }

 private:
  // Puts `value` where the document is at; returns where it stands now.
  template <typename Value>
  json* add(Value&& value) {
    if (open_.empty()) {
      document_ = std::forward<Value>(value);
      return &document_;
    }
    if (open_.back()->is_array()) {
      return &open_.back()->emplace_back(std::forward<Value>(value));
    }
    *member_ = std::forward<Value>(value);
    return member_;
  }

  bool open(json&& container) {
    if (open_.size() >= most_depth_) return refuse("it is nested too deeply");
    open_.push_back(add(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  std::size_t most_depth_;
  json document_;
  // The objects and lists that are open, outermost first. Nothing is added to one while another is open within it, so
  // that they stay where they are.
  std::vector<json*> open_;
  json* member_ = nullptr;  // of the innermost object: where the next value goes
  Status status_;
};

}  // namespace

Result<json> parse_json(std::string_view text, std::size_t most_depth) {
  Builder builder(text, most_depth);
  // The JSON library steps over a byte order mark, and takes a NUL for the end of the text.
  if (text.starts_with("\xEF\xBB\xBF")) {
    builder.refuse("it begins with a byte order mark");
  } else if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    builder.refuse("parse error at " + builder.place_of(nul + 1) + ": a NUL byte, which JSON has nowhere");
  } else if (json::sax_parse(text.begin(), text.end(), &builder)) {
    return std::move(builder.document());
  }
  return builder.status();
}

}  // namespace mcnc
