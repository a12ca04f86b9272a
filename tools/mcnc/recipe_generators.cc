// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Generators and codes tables of a recipe.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "common/code_types.h"
#include "mcnc/ranges.h"
#include "recipe_parts.h"

namespace mcnc::tools {
namespace {

constexpr std::size_t kMaxLayers = 16;
constexpr float kMaxFinite = std::numeric_limits<float>::max();
constexpr std::uint64_t kMaxFloatInputs = std::uint64_t{1} << 20;

RecipeLayer read_layer(const JsonValue& value, Arithmetic arithmetic, bool is_last) {
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
    if (!is_last) object["activation"].refuse("identity is for the last layer only");
    for (const std::string_view key : {"omega", "turns", "frequency"}) {
      if (object.has(key)) object[key].refuse("is for sine layers, this one is identity");
    }
  } else if (!is_float) {
    made.frequency = whole32(object["frequency"], 1, kMax32);
  } else if (object.one_of({"omega", "turns"}) == "turns") {
    made.turns = nonzero(object["turns"], kMaxFloat);
  } else if (object.has("omega")) {
    made.turns = nonzero(object["omega"], kMaxFloat, 0.5 / std::numbers::pi);
  }

  if (object.has("weights")) {
    made.weights = read_array(object["weights"]);
    constexpr std::pair<std::string_view, bool> kLayouts[] = {{"torch", true}, {"input_major", false}};
    made.transposed = object["layout"].choice(kLayouts);
    if (object.has("weights_type")) made.weights_type = object["weights_type"].choice(kFloatTypes);
    if (object.has("weights_scale")) object["weights_scale"].refuse("is for drawn weights, these are stored");
  } else {
    for (const std::string_view key : {"layout", "weights_type"}) {
      if (object.has(key)) object[key].refuse("is for stored weights, this layer has no \"weights\"");
    }
    if (!object.has("width")) object.refuse("needs \"width\", or \"weights\" to take it from");
    if (is_float) made.weights_scale = positive(object["weights_scale"], kMaxFloat);
  }
  if (object.has("bias")) made.bias = read_array(object["bias"]);
  return made;
}

// A whole number that JSON may write as a real.
std::int8_t read_exponent(const JsonValue& value) {
  const double exponent = value.number();
  if (exponent == std::floor(exponent) && exponent >= -64 && exponent <= 63) return static_cast<std::int8_t>(exponent);
  value.refuse("must be a whole number from -64 to 63");
  return 0;
}

}  // namespace

RecipeGenerator read_generator(const JsonValue& value, Names& names) {
  const JsonObject object(value, {"name", "arithmetic", "code_dim", "seed", "unit_norm", "layers"});
  RecipeGenerator made;
  made.path = value.path();
  if (object.has("name")) made.name = object["name"].text();
  names.add(made.name, object.has("name") ? object["name"] : value);
  constexpr std::pair<std::string_view, Arithmetic> kArithmetics[] = {{"float32", Arithmetic::kFloat32},
                                                                      {"integer", Arithmetic::kInteger}};
  made.arithmetic = object["arithmetic"].choice(kArithmetics);
  const bool is_float = made.arithmetic == Arithmetic::kFloat32;
  made.code_dim = whole32(object["code_dim"], 1, is_float ? kMaxFloatInputs : kMaxWidth);
  if (object.has("unit_norm")) made.unit_norm = object["unit_norm"].flag();
  if (made.unit_norm && !is_float) object["unit_norm"].refuse("is for float32 arithmetic, the generator's is integer");

  const std::vector<JsonValue> layers = object["layers"].list();
  if (layers.empty() || layers.size() > kMaxLayers) {
    object["layers"].refuse("must be a list of 1 to 16 layers, not of " + std::to_string(layers.size()));
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    made.layers.push_back(read_layer(layers[i], made.arithmetic, i + 1 == layers.size()));
  }
  const bool draws = std::ranges::any_of(made.layers, [](const RecipeLayer& each) { return !each.weights; });
  if (draws || object.has("seed")) made.seed = object["seed"].whole(0, kMax64);
  return made;
}

RecipeCodes read_codes(const JsonValue& value, const std::vector<RecipeGenerator>& generators, Known& known) {
  const JsonObject object(value, {"name", "generator", "alpha", "alpha_type", "alpha_scale", "beta", "beta_type",
                                  "beta_exponent", "chunking"});
  RecipeCodes made;
  made.path = value.path();
  if (object.has("name")) made.name = object["name"].text();
  known.codes.add(made.name, object.has("name") ? object["name"] : value);
  made.generator = known.generators.index_of(object, "generator");
  // Where there is none the line above has refused it.
  const Arithmetic arithmetic = generators.empty() ? Arithmetic::kFloat32 : generators[made.generator].arithmetic;
  made.alpha = read_arrays(object["alpha"]);
  if (object.has("alpha_type")) made.alpha_type = object["alpha_type"].choice(kAlphaTypes);
  if (object.has("alpha_scale")) {
    made.alpha_scale = positive(object["alpha_scale"], kMaxFloat);
    if (arithmetic == Arithmetic::kInteger) {
      object["alpha_scale"].refuse("is for float32 arithmetic, the generator's is integer");
    }
  }
  if (object.has("beta_exponent")) made.beta_exponent = read_exponent(object["beta_exponent"]);
  if (object["beta"].json().is_number()) {
    const float most = std::min(std::ldexp(max_beta(arithmetic), -made.beta_exponent), kMaxFinite);
    made.one_beta = real(object["beta"], most);
    if (object.has("beta_type")) object["beta_type"].refuse("is for betas of a file, this is one number");
  } else {
    made.beta = read_arrays(object["beta"]);
    if (object.has("beta_type")) made.beta_type = object["beta_type"].choice(kBetaTypes);
  }
  constexpr std::pair<std::string_view, bool> kChunkings[] = {{"flat", false}, {"per_tensor", true}};
  if (object.has("chunking")) made.per_tensor = object["chunking"].choice(kChunkings);
  return made;
}

}  // namespace mcnc::tools
