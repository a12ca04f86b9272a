// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "recipe.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "mcnc/names.h"
#include "peft_config.h"
#include "recipe_json.h"
#include "recipe_parts.h"

namespace mcnc::tools {
namespace {

constexpr std::uint64_t kVersion = 1;

MetadataValue read_metadata(const JsonValue& value) {
  constexpr std::size_t kMaxSize = 65536;
  const Json& json = value.json();
  if (json.is_string()) {
    if (json.get_ref<const std::string&>().size() > kMaxSize) value.refuse("is a text of more than 65536 bytes");
    return json.get<std::string>();
  }
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_float()) return value.number();
  const bool fits = json.is_number_integer() &&
                    (!json.is_number_unsigned() || std::in_range<std::int64_t>(json.get<std::uint64_t>()));
  if (fits) return json.get<std::int64_t>();
  value.refuse(json.is_number() ? "must be less than 2^63, or be written as a real: 1e19"
                                : "must be a text, a number or a truth value");
  return false;
}

std::vector<FileRef> read_files(const JsonValue& value) {
  std::vector<FileRef> refs;
  for (const JsonValue& each : value.list()) refs.push_back({each.path(), each.text()});
  return refs;
}

RecipeBase read_base(const JsonValue& value, Names& names) {
  const JsonObject object(value, {"name", "file"});
  RecipeBase made{value.path(), object["name"].text(), object["file"].text()};
  if (!is_tensor_name(made.name)) {
    object["name"].refuse("a name is 1 to 1024 bytes of UTF-8 without control characters, and not a path");
  }
  names.add(made.name, object.has("name") ? object["name"] : value);
  return made;
}

void check_generator_uses(const std::vector<JsonValue>& entries, const std::vector<RecipeCodes>& codes) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const bool used = std::ranges::any_of(codes, [&](const RecipeCodes& each) { return each.generator == i; });
    if (!used) entries[i].refuse("no codes use this generator");
  }
}

void check_base_uses(const std::vector<JsonValue>& entries, const std::vector<RecipeTensor>& tensors) {
  std::vector<bool> used(entries.size(), false);
  for (const RecipeTensor& tensor : tensors) {
    const RecipeTheta0* theta0 = nullptr;
    if (const auto* generated = std::get_if<RecipeGenerated>(&tensor.source)) theta0 = &generated->theta0;
    if (const auto* product = std::get_if<RecipeProduct>(&tensor.source)) theta0 = &product->theta0;
    const auto* base = theta0 != nullptr ? std::get_if<RecipeBaseTheta0>(theta0) : nullptr;
    if (base != nullptr && base->base < used.size()) used[base->base] = true;
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!used[i]) entries[i].refuse("no tensor starts from this base");
  }
}

}  // namespace

Result<Recipe> read_recipe(const std::string& path) {
  const Result<Json> document = read_json(path);
  if (!document.ok()) return document.status();
  Status status;
  const JsonObject object(JsonValue(*document, status),
                          {"recipe", "files", "generators", "codes", "bases", "tensors", "store_all", "metadata"});
  object["recipe"].whole(kVersion, kVersion);
  const auto list = [&](std::string_view key) {
    return object.has(key) ? object[key].list() : std::vector<JsonValue>();
  };

  Recipe recipe;
  Known known;
  if (object.has("files")) recipe.files = read_files(object["files"]);
  const std::vector<JsonValue> generators = list("generators");
  for (const JsonValue& each : generators) recipe.generators.push_back(read_generator(each, known.generators));
  for (const JsonValue& each : list("codes")) recipe.codes.push_back(read_codes(each, recipe.generators, known));
  const std::vector<JsonValue> bases = list("bases");
  for (const JsonValue& each : bases) recipe.bases.push_back(read_base(each, known.bases));
  if (object.has("tensors")) recipe.tensors = read_tensors(object["tensors"], known);
  if (object.has("store_all")) recipe.store_all = read_files(object["store_all"]);
  if (object.has("metadata")) {
    for (const auto& [key, value] : object["metadata"].members()) {
      if (!is_metadata_key(key)) {
        value.refuse("a key is lower-case words (a-z 0-9 _) joined by dots, such as general.name");
      }
      Result<MetadataValue> checked = known_metadata(key, read_metadata(value));
      if (!checked.ok()) {
        value.refuse(checked.status().message());
        continue;
      }
      recipe.metadata.push_back({key, *std::move(checked)});
    }
  }
  check_generator_uses(generators, recipe.codes);
  check_base_uses(bases, recipe.tensors);
  if (!status.ok()) return status;
  return recipe;
}

}  // namespace mcnc::tools
