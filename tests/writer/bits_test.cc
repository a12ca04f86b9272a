// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Manifests come back from a file bit for bit, or are refused: FlatBuffers takes -0 for 0, which it leaves out.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include "container/build.h"
#include "container/parse.h"
#include "manifest/difference.h"
#include "support/models.h"

namespace mcnc {
namespace {

struct FloatField {
  const char* name;
  std::function<void(Manifest&, double)> set;
};

// Every float or double of the schema, in a manifest that every_float() made.
const std::vector<FloatField> kFields = {
    {"Layer.turns", [](Manifest& m, double v) { m.generators[0].layers[0].turns = static_cast<float>(v); }},
    {"Layer.weights_scale",
     [](Manifest& m, double v) { m.generators[0].layers[0].weights_scale = static_cast<float>(v); }},
    {"Codes.beta", [](Manifest& m, double v) { m.codes[0].beta = static_cast<float>(v); }},
    {"Codes.alpha_scale", [](Manifest& m, double v) { m.codes[0].alpha_scale = static_cast<float>(v); }},
    {"Constant.value",
     [](Manifest& m, double v) {
       std::get<Constant>(std::get<Generated>(m.tensors[0].source).theta0).value = static_cast<float>(v);
     }},
    {"Uniform.scale",
     [](Manifest& m, double v) {
       std::get<Uniform>(std::get<Product>(m.tensors[1].source).theta0).scale = static_cast<float>(v);
     }},
    {"Product.scale",
     [](Manifest& m, double v) { std::get<Product>(m.tensors[1].source).scale = static_cast<float>(v); }},
    {"Real.value", [](Manifest& m, double v) { m.metadata[0].value = v; }},
};

// Holds each of the fields, and means nothing.
Manifest every_float() {
  Manifest manifest;
  manifest.generators.push_back({.code_dim = 1, .layers = {Layer{.width = 1}}});
  manifest.codes.emplace_back();
  manifest.tensors.push_back({"a", DType::kF32, {1}, Generated{.theta0 = Constant{}}, {}});
  manifest.tensors.push_back({"b", DType::kF32, {1}, Product{.theta0 = Uniform{}}, {}});
  manifest.metadata.push_back({"a.b", 0.0});
  return manifest;
}

TEST(Manifest, EveryFloatOfTheSchemaIsTested) {
  std::ifstream file(MCNC_SCHEMA);
  const std::string schema{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(schema.empty());
  const std::regex field(R"(\w+ *: *\[?(float|double)\b)");
  EXPECT_EQ(static_cast<std::size_t>(std::distance(std::sregex_iterator(schema.begin(), schema.end(), field), {})),
            kFields.size());
}

TEST(Manifest, EveryFloatKeepsItsBits) {
  for (const FloatField& field : kFields) {
    for (const double value : {-0.0, 0.0, 1.0, -1.0, 0.5}) {
      Manifest manifest = every_float();
      field.set(manifest, value);
      const Result<Manifest> back = parse_manifest(build_manifest(manifest));
      ASSERT_TRUE(back.ok()) << field.name << ": " << back.status().to_string();
      EXPECT_EQ(first_difference(*back, manifest), "") << field.name << " = " << value;
    }
  }
}

TEST(Manifest, ADifferenceIsSeenInEveryFloat) {
  for (const FloatField& field : kFields) {
    Manifest plus = every_float();
    Manifest minus = every_float();
    field.set(plus, 0.0);
    field.set(minus, -0.0);
    EXPECT_NE(first_difference(plus, minus), "") << field.name;
    EXPECT_EQ(first_difference(minus, minus), "") << field.name;
  }
}

// Only a manifest with a -0 is written otherwise than before.
TEST(Manifest, DefaultsAreLeftOut) {
  Manifest zero = every_float();
  Manifest minus = every_float();
  kFields[0].set(minus, -0.0);
  EXPECT_LT(build_manifest(zero).size(), build_manifest(minus).size());
}

// A model whose weights are -0 gives -0, and its file verifies.
TEST(Serialize, MinusZeroStays) {
  Model model = testing::plain_model();
  auto& generated = std::get<Generated>(model.manifest.tensors[0].source);
  generated.theta0 = Constant{-0.0F};
  model.manifest.codes[0].beta = -0.0F;
  model.manifest.metadata = {{"a.b", -0.0}};
  const std::vector<std::byte> file = testing::file_of(model);
  EXPECT_TRUE(testing::verify(file).ok());
  const Result<Reader> reader = testing::open(file);
  ASSERT_TRUE(reader.ok());
  const Manifest& manifest = reader->manifest();
  EXPECT_TRUE(std::signbit(std::get<Constant>(std::get<Generated>(manifest.tensors[0].source).theta0).value));
  EXPECT_TRUE(std::signbit(manifest.codes[0].beta));
  EXPECT_TRUE(std::signbit(std::get<double>(manifest.metadata[0].value)));
}

}  // namespace
}  // namespace mcnc
