// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "recipe.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <span>
#include <string_view>
#include <utility>

#include "common/code_types.h"
#include "common/suggest.h"
#include "manifest/text.h"
#include "peft_config.h"
#include "recipe_json.h"

namespace mcnc::tools {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kMaxWidth = std::uint64_t{1} << 28;
constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kMax64 = std::numeric_limits<std::uint64_t>::max();

constexpr std::pair<std::string_view, DType> kFloatTypes[] = {
    {"f32", DType::kF32}, {"f16", DType::kF16}, {"bf16", DType::kBf16}};

// What other objects refer to by name: generators, codes, bases, tensors. Index in the order of add().
class Names {
 public:
  explicit Names(std::string what) : what_(std::move(what)) {}

  void add(const std::string& name, const JsonValue& at) {
    const std::uint32_t index = count_++;
    if (!name.empty() && !index_.emplace(name, index).second) {
      at.refuse("two " + what_ + " are called \"" + name + "\"");
    }
  }
  std::uint32_t index_of(const JsonValue& name) const {
    const std::string text = name.text();
    const auto found = index_.find(text);
    if (found != index_.end()) return found->second;
    std::vector<std::string_view> known;
    for (const auto& [each, ignored] : index_) known.push_back(each);
    name.refuse("none of the " + what_ + " is called \"" + text + "\"" + suggestion(text, known));
    return 0;
  }
  // Where a recipe has only one of them it need not be named.
  std::uint32_t index_of(const JsonObject& object, std::string_view key) const {
    if (!object.has(key) && count_ == 1) return 0;
    return index_of(object[key]);
  }

 private:
  std::string what_;
  std::uint32_t count_ = 0;
  std::map<std::string, std::uint32_t> index_;  // those that have a name
};

struct AllNames {
  Names generators{"generators"};
  Names codes{"codes"};
  Names bases{"bases"};
  Names tensors{"tensors"};
};

// The number times `unit`, as a float32.
float real(const JsonValue& value, double unit = 1) {
  const double number = value.number() * unit;
  if (std::fabs(number) > static_cast<double>(std::numeric_limits<float>::max())) {
    value.refuse("is larger than a float32 can be");
    return 0;
  }
  return static_cast<float>(number);
}

std::uint32_t whole32(const JsonValue& value, std::uint64_t least, std::uint64_t most) {
  return static_cast<std::uint32_t>(value.whole(least, most));
}

ArrayRef array(const JsonValue& value) {
  if (!value.json().is_object()) return {value.path(), "", value.text()};
  const JsonObject object(value, {"file", "tensor"});
  return {value.path(), object["file"].text(), object["tensor"].text()};
}

std::vector<ArrayRef> arrays(const JsonValue& value) {
  if (!value.json().is_array()) return {array(value)};
  std::vector<ArrayRef> refs;
  for (const JsonValue& each : value.list()) refs.push_back(array(each));
  if (refs.empty()) value.refuse("must not be an empty list");
  return refs;
}

// --- generators -----------------------------------------------------------------------------------------------------

RecipeLayer layer(const JsonValue& value, Arithmetic arithmetic) {
  const JsonObject object(value, {"width", "activation", "omega", "turns", "frequency", "weights", "layout",
                                  "weights_type", "weights_scale", "bias"});
  const bool is_float = arithmetic == Arithmetic::kFloat32;
  for (const std::string_view key : {"omega", "turns", "weights_type", "weights_scale", "bias"}) {
    if (object.has(key) && !is_float) object[key].refuse("is for float32 arithmetic, the generator's is integer");
  }
  if (object.has("frequency") && is_float) object["frequency"].refuse("is for integer arithmetic; say omega or turns");

  RecipeLayer made;
  made.path = value.path();
  if (object.has("width")) made.width = whole32(object["width"], 1, kMaxWidth);
  constexpr std::pair<std::string_view, Activation> kActivations[] = {{"sine", Activation::kSine},
                                                                      {"identity", Activation::kIdentity}};
  if (object.has("activation")) made.activation = object["activation"].choice(kActivations);
  if (made.activation == Activation::kIdentity) {
    for (const std::string_view key : {"omega", "turns", "frequency"}) {
      if (object.has(key)) object[key].refuse("is for sine layers, this one is identity");
    }
  } else if (!is_float) {
    made.frequency = whole32(object["frequency"], 1, kMax32);
  } else if (object.one_of({"omega", "turns"}) == "turns") {
    made.turns = real(object["turns"]);
  } else if (object.has("omega")) {
    made.turns = real(object["omega"], 0.5 / std::numbers::pi);
  }

  if (object.has("weights")) {
    made.weights = array(object["weights"]);
    constexpr std::pair<std::string_view, bool> kLayouts[] = {{"torch", true}, {"input_major", false}};
    made.transposed = object["layout"].choice(kLayouts);
    if (object.has("weights_type")) made.weights_type = object["weights_type"].choice(kFloatTypes);
    if (object.has("weights_scale")) object["weights_scale"].refuse("is for drawn weights, these are stored");
  } else {
    for (const std::string_view key : {"layout", "weights_type"}) {
      if (object.has(key)) object[key].refuse("is for stored weights, this layer has no \"weights\"");
    }
    if (!object.has("width")) object.refuse("needs \"width\", or \"weights\" to take it from");
    if (is_float) made.weights_scale = real(object["weights_scale"]);
  }
  if (object.has("bias")) made.bias = array(object["bias"]);
  return made;
}

RecipeGenerator generator(const JsonValue& value, Names& names) {
  const JsonObject object(value, {"name", "arithmetic", "code_dim", "seed", "unit_norm", "layers"});
  RecipeGenerator made;
  made.path = value.path();
  if (object.has("name")) made.name = object["name"].text();
  names.add(made.name, value);
  constexpr std::pair<std::string_view, Arithmetic> kArithmetics[] = {{"float32", Arithmetic::kFloat32},
                                                                      {"integer", Arithmetic::kInteger}};
  made.arithmetic = object["arithmetic"].choice(kArithmetics);
  made.code_dim = whole32(object["code_dim"], 1, kMaxWidth);
  if (object.has("unit_norm")) made.unit_norm = object["unit_norm"].flag();
  for (const JsonValue& each : object["layers"].list()) made.layers.push_back(layer(each, made.arithmetic));
  if (made.layers.empty()) object.refuse("needs at least one layer");
  const bool draws = std::ranges::any_of(made.layers, [](const RecipeLayer& each) { return !each.weights; });
  if (draws || object.has("seed")) made.seed = object["seed"].whole(0, kMax64);
  return made;
}

// --- codes ----------------------------------------------------------------------------------------------------------

RecipeCodes codes(const JsonValue& value, AllNames& names) {
  const JsonObject object(value, {"name", "generator", "alpha", "alpha_type", "alpha_scale", "beta", "beta_type",
                                  "beta_exponent", "chunking"});
  RecipeCodes made;
  made.path = value.path();
  if (object.has("name")) made.name = object["name"].text();
  names.codes.add(made.name, value);
  made.generator = names.generators.index_of(object, "generator");
  made.alpha = arrays(object["alpha"]);
  if (object.has("alpha_type")) made.alpha_type = object["alpha_type"].choice(kAlphaTypes);
  if (object.has("alpha_scale")) made.alpha_scale = real(object["alpha_scale"]);
  if (object["beta"].json().is_number()) {
    made.one_beta = real(object["beta"]);
    if (object.has("beta_type")) object["beta_type"].refuse("is for betas of a file, this is one number");
  } else {
    made.beta = arrays(object["beta"]);
    if (object.has("beta_type")) made.beta_type = object["beta_type"].choice(kBetaTypes);
  }
  if (object.has("beta_exponent")) {
    const double exponent = object["beta_exponent"].number();
    if (exponent != std::floor(exponent) || exponent < -64 || exponent > 63) {
      object["beta_exponent"].refuse("must be a whole number from -64 to 63");
    } else {
      made.beta_exponent = static_cast<std::int8_t>(exponent);
    }
  }
  constexpr std::pair<std::string_view, bool> kChunkings[] = {{"flat", false}, {"per_tensor", true}};
  if (object.has("chunking")) made.per_tensor = object["chunking"].choice(kChunkings);
  return made;
}

// --- tensors --------------------------------------------------------------------------------------------------------

RecipeTheta0 theta0(const JsonObject& parent, const AllNames& names) {
  if (!parent.has("theta0")) return std::monostate();
  const JsonValue value = parent["theta0"];
  if (value.json().is_number()) {
    const float constant = real(value);
    return constant == 0 ? RecipeTheta0() : Constant{constant};
  }
  const JsonObject object(value, {"uniform", "stored", "type", "base", "tensor"});
  const std::string_view kind = object.one_of({"uniform", "stored", "base"});
  if (object.has("type") && kind != "stored") object["type"].refuse("is for a stored theta0");
  if (object.has("tensor") && kind != "base") object["tensor"].refuse("is for a theta0 of a base");
  if (kind == "uniform") {
    const JsonObject uniform(object["uniform"], {"seed", "stream", "bound"});
    // A manifest has the scale of an int16.
    return Uniform{uniform["seed"].whole(0, kMax64), whole32(uniform["stream"], 0, kMax32),
                   real(uniform["bound"]) / 32768};
  }
  if (kind == "stored") {
    RecipeStoredTheta0 stored{array(object["stored"]), {}};
    if (object.has("type")) stored.dtype = object["type"].choice(kFloatTypes);
    return stored;
  }
  if (kind == "base") {
    RecipeBaseTheta0 base{value.path(), names.bases.index_of(object["base"]), {}};
    if (object.has("tensor")) base.tensor = object["tensor"].text();
    return base;
  }
  return std::monostate();
}

std::vector<std::uint64_t> shape(const JsonValue& value) {
  std::vector<std::uint64_t> dimensions;
  for (const JsonValue& each : value.list()) dimensions.push_back(each.whole(0, kMax64));
  return dimensions;
}

JsonObject tensor_object(const JsonValue& value) {
  return {value, {"name", "dtype", "shape", "factor", "generated", "stored", "shared", "product"}};
}

// Tensors may refer to later ones: `names.tensors` has them all.
RecipeTensor tensor(const JsonValue& value, const std::string& name, const AllNames& names) {
  const JsonObject object = tensor_object(value);
  RecipeTensor made;
  made.path = value.path();
  made.name = name;
  if (!is_tensor_name(name)) {
    object.refuse("a tensor's name is 1 to 1024 bytes without control characters, and no path");
  }
  if (object.has("factor")) made.factor = object["factor"].flag();
  if (object.has("dtype")) made.dtype = object["dtype"].choice(kFloatTypes);
  if (object.has("shape")) made.shape = shape(object["shape"]);

  const std::string_view kind = object.one_of({"generated", "stored", "shared", "product"});
  if (kind == "generated") {
    const JsonObject generated(object["generated"], {"codes", "theta0", "slices"});
    const std::uint32_t slices = generated.has("slices") ? whole32(generated["slices"], 1, kMax32) : 1;
    made.source = RecipeGenerated{names.codes.index_of(generated, "codes"), theta0(generated, names), slices};
    if (!made.shape) object.refuse("needs \"shape\"");
  } else if (kind == "product") {
    const JsonObject product(object["product"], {"b", "a", "scale", "theta0"});
    const std::uint32_t b = names.tensors.index_of(product["b"]);
    const std::uint32_t a = names.tensors.index_of(product["a"]);
    const float scale = product.has("scale") ? real(product["scale"]) : 1;
    made.source = RecipeProduct{b, a, scale, theta0(product, names)};
  } else {
    for (const std::string_view key : {"dtype", "shape"}) {
      if (object.has(key)) object[key].refuse("is for generated tensors and products; others keep what they have");
    }
    if (kind == "stored") made.source = RecipeStored{array(object["stored"])};
    if (kind == "shared") made.source = RecipeShared{names.tensors.index_of(object["shared"])};
  }
  return made;
}

// What is stored keeps its name unless told otherwise.
std::string tensor_name(const JsonValue& value) {
  const JsonObject object = tensor_object(value);
  if (object.has("name") || !object.has("stored")) return object["name"].text();
  return array(object["stored"]).tensor;
}

// --- the rest -------------------------------------------------------------------------------------------------------

MetadataValue metadata_value(const JsonValue& value) {
  const Json& json = value.json();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_float()) return value.number();
  const bool fits = json.is_number_integer() &&
                    (!json.is_number_unsigned() || std::in_range<std::int64_t>(json.get<std::uint64_t>()));
  if (fits) return json.get<std::int64_t>();
  value.refuse("must be a text, a number or a truth value");
  return false;
}

std::vector<FileRef> files(const JsonValue& value) {
  std::vector<FileRef> refs;
  for (const JsonValue& each : value.list()) refs.push_back({each.path(), each.text()});
  return refs;
}

void read_tensors(const JsonValue& value, AllNames& names, std::vector<RecipeTensor>& tensors) {
  const std::vector<JsonValue> entries = value.list();
  std::vector<std::string> own_names;
  for (const JsonValue& each : entries) {
    own_names.push_back(tensor_name(each));
    names.tensors.add(own_names.back(), each);
  }
  for (std::size_t i = 0; i < entries.size(); ++i) tensors.push_back(tensor(entries[i], own_names[i], names));
}

}  // namespace

Result<Recipe> read_recipe(const std::string& path) {
  const Result<Json> document = read_json(path);
  if (!document.ok()) return document.status();
  Status status;
  const JsonObject object(JsonValue(*document, status),
                          {"recipe", "files", "generators", "codes", "bases", "tensors", "store_all", "metadata"});
  object["recipe"].whole(kVersion, kVersion);

  Recipe recipe;
  AllNames names;
  if (object.has("files")) recipe.files = files(object["files"]);
  if (object.has("generators")) {
    for (const JsonValue& each : object["generators"].list()) {
      recipe.generators.push_back(generator(each, names.generators));
    }
  }
  if (object.has("codes")) {
    for (const JsonValue& each : object["codes"].list()) recipe.codes.push_back(codes(each, names));
  }
  if (object.has("bases")) {
    for (const JsonValue& each : object["bases"].list()) {
      const JsonObject base(each, {"name", "file"});
      recipe.bases.push_back({each.path(), base["name"].text(), base["file"].text()});
      names.bases.add(recipe.bases.back().name, each);
    }
  }
  if (object.has("tensors")) read_tensors(object["tensors"], names, recipe.tensors);
  if (object.has("store_all")) recipe.store_all = files(object["store_all"]);
  if (object.has("metadata")) {
    for (const auto& [key, value] : object["metadata"].members()) {
      if (!is_metadata_key(key)) {
        value.refuse("a key is lower-case words (a-z 0-9 _) joined by dots, such as general.name");
      }
      Result<MetadataValue> known = known_metadata(key, metadata_value(value));
      if (!known.ok()) {
        value.refuse(known.status().message());
        continue;
      }
      recipe.metadata.push_back({key, *std::move(known)});
    }
  }
  if (!status.ok()) return status;
  return recipe;
}

}  // namespace mcnc::tools
