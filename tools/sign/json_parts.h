// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Members of a JSON object, by name and type. Each function returns nullptr where the member is missing or of another
// type. Members that nobody asks for are ignored: later versions of bundles and statements may have more.
#ifndef MCNC_TOOLS_SIGN_JSON_PARTS_H_
#define MCNC_TOOLS_SIGN_JSON_PARTS_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace mcnc::tools {

inline const nlohmann::json* member_in(const nlohmann::json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto place = object.find(key);
  return place == object.end() ? nullptr : &*place;
}

inline const std::string* text_in(const nlohmann::json& object, std::string_view key) {
  const nlohmann::json* value = member_in(object, key);
  return value == nullptr ? nullptr : value->get_ptr<const std::string*>();
}

inline const nlohmann::json* object_in(const nlohmann::json& object, std::string_view key) {
  const nlohmann::json* value = member_in(object, key);
  return value != nullptr && value->is_object() ? value : nullptr;
}

inline const nlohmann::json* list_in(const nlohmann::json& object, std::string_view key) {
  const nlohmann::json* value = member_in(object, key);
  return value != nullptr && value->is_array() ? value : nullptr;
}

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_SIGN_JSON_PARTS_H_
