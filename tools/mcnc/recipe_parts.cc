// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "recipe_parts.h"

#include <algorithm>
#include <cmath>

#include "common/suggest.h"
#include "describe.h"
#include "mcnc/checked_math.h"
#include "mcnc/units.h"

namespace mcnc::tools {
namespace {

constexpr std::size_t kMaxDimensions = 16;
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 57;  // 2^60 bytes of the widest type

// "from -65536 to 65536", in the units in which the recipe says it.
std::string reach(float most, double unit) {
  const std::string text = text_of(static_cast<float>(static_cast<double>(most) / unit));
  return "from -" + text + " to " + text;
}

// The dimensions that `value` lists, in their new order: each of 0, 1, ... once.
std::vector<std::uint32_t> read_transpose(const JsonValue& value) {
  std::vector<std::uint32_t> order;
  for (const JsonValue& each : value.list()) order.push_back(whole32(each, 0, kMaxDimensions - 1));
  std::vector<std::uint32_t> sorted = order;
  std::ranges::sort(sorted);
  for (std::uint32_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] != i) {
      value.refuse("must list the dimensions 0 to " + std::to_string(sorted.size() - 1) + " of the array, each once");
      break;
    }
  }
  return order;
}

}  // namespace

void Names::add(const std::string& name, const JsonValue& at) {
  const std::uint32_t index = count_++;
  if (!name.empty() && !index_.emplace(name, index).second) {
    at.refuse("two " + several_ + " are called \"" + name + "\"");
  }
}

std::uint32_t Names::index_of(const JsonValue& name) const {
  const std::string text = name.text();
  const auto found = index_.find(text);
  if (found != index_.end()) return found->second;
  std::vector<std::string_view> known;
  for (const auto& [each, ignored] : index_) known.push_back(each);
  name.refuse("there is no " + one_ + " called \"" + text + "\"" + suggestion(text, known));
  return 0;
}

std::uint32_t Names::index_of(const JsonObject& object, std::string_view key) const {
  if (!object.has(key) && count_ == 1) return 0;
  if (!object.has(key)) {
    object.refuse("needs \"" + std::string(key) + "\": the recipe has " +
                  (count_ == 0 ? "no " : std::to_string(count_) + " ") + several_);
    return 0;
  }
  return index_of(object[key]);
}

float real(const JsonValue& value, float most, double unit) {
  const double number = value.number() * unit;
  if (std::fabs(number) <= static_cast<double>(most)) return static_cast<float>(number);
  value.refuse("must be a number " + reach(most, unit));
  return 0;
}

float nonzero(const JsonValue& value, float most, double unit) {
  const float number = real(value, most, unit);
  if (number == 0) value.refuse("must be a number " + reach(most, unit) + " that is not 0 as a float32");
  return number;
}

float positive(const JsonValue& value, float most, double unit) {
  const double number = value.number() * unit;
  const float narrowed = number <= static_cast<double>(most) ? static_cast<float>(number) : 0;
  if (!(narrowed > 0)) {
    value.refuse("must be a number above 0, at most " + text_of(static_cast<float>(static_cast<double>(most) / unit)));
  }
  return narrowed;
}

std::uint32_t whole32(const JsonValue& value, std::uint64_t least, std::uint64_t most) {
  return static_cast<std::uint32_t>(value.whole(least, most));
}

std::vector<std::uint64_t> read_shape(const JsonValue& value) {
  std::vector<std::uint64_t> dimensions;
  for (const JsonValue& each : value.list()) dimensions.push_back(each.whole(0, kMax64));
  if (dimensions.size() > kMaxDimensions) {
    value.refuse("has " + std::to_string(dimensions.size()) + " dimensions; 16 are allowed");
  }
  Checked elements = 1;
  for (const std::uint64_t dimension : dimensions) elements *= std::max<std::uint64_t>(dimension, 1);
  if (elements.value() >= kMaxElements) value.refuse(shape_text(dimensions) + " has 2^57 elements or more");
  return dimensions;
}

ArrayRef read_array(const JsonValue& value) {
  ArrayRef array;
  array.path = value.path();
  if (!value.json().is_object()) {
    if (!value.json().is_string()) {
      value.refuse("must be the name of a tensor in quotes, or an object that has it as \"tensor\"");
    }
    array.tensor = value.text();
    return array;
  }
  const JsonObject object(value, {"file", "tensor", "transpose", "reshape"});
  array.is_object = true;
  if (object.has("file")) array.file = object["file"].text();
  array.tensor = object["tensor"].text();
  if (object.has("transpose")) array.transpose = read_transpose(object["transpose"]);
  if (object.has("reshape")) array.reshape = read_shape(object["reshape"]);
  return array;
}

std::vector<ArrayRef> read_arrays(const JsonValue& value) {
  if (!value.json().is_array()) return {read_array(value)};
  std::vector<ArrayRef> refs;
  for (const JsonValue& each : value.list()) refs.push_back(read_array(each));
  if (refs.empty()) value.refuse("must not be an empty list");
  return refs;
}

}  // namespace mcnc::tools
