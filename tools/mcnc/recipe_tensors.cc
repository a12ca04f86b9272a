// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Tensors of a recipe.

#include <algorithm>
#include <cmath>
#include <variant>

#include "mcnc/names.h"
#include "mcnc/ranges.h"
#include "recipe_parts.h"

namespace mcnc::tools {
namespace {

constexpr char kNameRule[] = "a name is 1 to 1024 bytes of UTF-8 without control characters, and not a path";

Uniform read_uniform(const JsonValue& value, Known& known) {
  const JsonObject object(value, {"seed", "stream", "bound"});
  const std::uint64_t seed = object["seed"].whole(0, kMax64);
  const std::uint32_t stream = whole32(object["stream"], 0, kMax32);
  const auto [other, is_new] = known.streams.emplace(std::pair(seed, stream), value.path());
  if (!is_new) object["stream"].refuse("the same seed and stream are drawn at " + other->second);
  // A manifest has the scale of an int16.
  constexpr float kSteps = 32768;
  return {seed, stream, positive(object["bound"], kMaxScale * kSteps) / kSteps};
}

RecipeTheta0 read_theta0(const JsonObject& parent, Known& known) {
  if (!parent.has("theta0")) return std::monostate();
  const JsonValue value = parent["theta0"];
  if (value.json().is_number()) {
    const float constant = real(value, kMaxTheta0);
    // -0 is a start of its own: the sum of it and -0 is -0.
    return constant == 0 && !std::signbit(constant) ? RecipeTheta0() : Constant{constant};
  }
  if (!value.json().is_object()) {
    value.refuse("must be a number, or an object that has \"uniform\", \"stored\" or \"base\"");
    return std::monostate();
  }
  const JsonObject object(value, {"uniform", "stored", "type", "base", "tensor"});
  const std::string_view kind = object.one_of({"uniform", "stored", "base"});
  if (object.has("type") && kind != "stored") object["type"].refuse("is for a stored theta0");
  if (object.has("tensor") && kind != "base") object["tensor"].refuse("is for a theta0 of a base");
  if (kind == "uniform") return read_uniform(object["uniform"], known);
  if (kind == "stored") {
    RecipeStoredTheta0 stored{read_array(object["stored"]), {}};
    if (object.has("type")) stored.dtype = object["type"].choice(kFloatTypes);
    return stored;
  }
  if (kind == "base") {
    RecipeBaseTheta0 base{value.path(), known.bases.index_of(object["base"]), {}};
    if (object.has("tensor")) {
      base.tensor = object["tensor"].text();
      if (!is_tensor_name(base.tensor)) object["tensor"].refuse(kNameRule);
    }
    return base;
  }
  return std::monostate();
}

JsonObject tensor_object(const JsonValue& value) {
  return {value, {"name", "dtype", "shape", "factor", "generated", "stored", "shared", "product"}};
}

RecipeGenerated read_generated(const JsonObject& tensor, const RecipeTensor& made, Known& known) {
  const JsonObject object(tensor["generated"], {"codes", "theta0", "slices"});
  const std::uint32_t slices = object.has("slices") ? whole32(object["slices"], 1, kMax32) : 1;
  if (!made.shape) tensor.refuse("needs \"shape\"");
  const std::vector<std::uint64_t> shape = made.shape.value_or(std::vector<std::uint64_t>());
  if (std::ranges::find(shape, 0U) != shape.end()) tensor["shape"].refuse("a generated tensor has elements, this none");
  const std::uint64_t rows = shape.empty() ? 1 : shape.front();
  if (rows % slices != 0) {
    object["slices"].refuse("slices are equal parts of the first dimension, which is " + std::to_string(rows));
  }
  return {known.codes.index_of(object, "codes"), read_theta0(object, known), slices};
}

RecipeTensor read_tensor(const JsonValue& value, const std::string& name, Known& known) {
  const JsonObject object = tensor_object(value);
  RecipeTensor made;
  made.path = value.path();
  made.name = name;
  if (!is_tensor_name(name)) (object.has("name") ? object["name"] : value).refuse(kNameRule);
  if (object.has("factor")) made.factor = object["factor"].flag();
  if (object.has("dtype")) made.dtype = object["dtype"].choice(kFloatTypes);
  if (object.has("shape")) made.shape = read_shape(object["shape"]);

  const std::string_view kind = object.one_of({"generated", "stored", "shared", "product"});
  if (kind == "generated") {
    made.source = read_generated(object, made, known);
  } else if (kind == "product") {
    const JsonObject product(object["product"], {"b", "a", "scale", "theta0"});
    const std::uint32_t b = known.tensors.index_of(product["b"]);
    const std::uint32_t a = known.tensors.index_of(product["a"]);
    const float scale = product.has("scale") ? real(product["scale"], kMaxFloat) : 1;
    made.source = RecipeProduct{b, a, scale, read_theta0(product, known)};
  } else {
    for (const std::string_view key : {"dtype", "shape"}) {
      if (object.has(key)) object[key].refuse("is for generated tensors and products; others keep what they have");
    }
    if (kind == "stored") made.source = RecipeStored{read_array(object["stored"])};
    if (kind == "shared") made.source = RecipeShared{known.tensors.index_of(object["shared"])};
  }
  if (made.factor && (kind == "product" || kind == "shared")) {
    object["factor"].refuse("only a generated or stored tensor can be a factor, this one is a " + std::string(kind) +
                            " tensor");
  }
  return made;
}

// What is stored keeps its name unless told otherwise.
std::string tensor_name(const JsonValue& value) {
  const JsonObject object = tensor_object(value);
  if (object.has("name") || !object.has("stored")) return object["name"].text();
  return read_array(object["stored"]).tensor;
}

// A factor that no product takes would be part of nothing.
void check_factors(const std::vector<JsonValue>& entries, const std::vector<RecipeTensor>& tensors) {
  std::vector<bool> used(tensors.size(), false);
  for (const RecipeTensor& tensor : tensors) {
    const auto* product = std::get_if<RecipeProduct>(&tensor.source);
    if (product != nullptr) used[product->b] = used[product->a] = true;
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].factor && !used[i]) {
      tensor_object(entries[i])["factor"].refuse("no product has tensor \"" + tensors[i].name + "\" as its b or a");
    }
  }
}

}  // namespace

std::vector<RecipeTensor> read_tensors(const JsonValue& value, Known& known) {
  const std::vector<JsonValue> entries = value.list();
  std::vector<std::string> names;
  for (const JsonValue& each : entries) {
    names.push_back(tensor_name(each));
    const JsonObject object = tensor_object(each);
    known.tensors.add(names.back(), object.has("name") ? object["name"] : each);
  }
  std::vector<RecipeTensor> tensors;
  for (std::size_t i = 0; i < entries.size(); ++i) tensors.push_back(read_tensor(entries[i], names[i], known));
  check_factors(entries, tensors);
  return tensors;
}

}  // namespace mcnc::tools
