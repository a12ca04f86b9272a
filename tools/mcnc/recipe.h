// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What `mcnc import` is told: a JSON file that says what the tensors of safetensors files are (spec/import.md).
#ifndef MCNC_TOOLS_MCNC_RECIPE_H_
#define MCNC_TOOLS_MCNC_RECIPE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// `path` members: the JSON pointer of the object, for messages.

// A tensor of a safetensors file, and how its dimensions are turned.
struct ArrayRef {
  std::string path;
  bool is_object = false;  // with members "tensor", "file" and so on, else a text
  std::string file = {};   // as the recipe writes it; empty: any of its files
  std::string tensor = {};
  std::optional<std::vector<std::uint32_t>> transpose = {};  // each dimension of the result: which of the file's it is
  std::optional<std::vector<std::uint64_t>> reshape = {};    // after that: as many elements, row-major as before
};

// A file that the recipe names.
struct FileRef {
  std::string path;
  std::string file;
};

struct RecipeLayer {
  std::string path;
  std::optional<std::uint32_t> width;  // always there for drawn weights
  Activation activation = Activation::kSine;
  float turns = 0;
  std::uint32_t frequency = 0;
  std::optional<ArrayRef> weights;  // none: drawn
  bool transposed = false;          // weights are (width, n_in), as torch has them
  std::optional<DType> weights_type;
  float weights_scale = 0;
  std::optional<ArrayRef> bias;
};

struct RecipeGenerator {
  std::string path;
  std::string name;
  Arithmetic arithmetic = Arithmetic::kFloat32;
  std::uint32_t code_dim = 0;
  std::uint64_t seed = 0;
  bool unit_norm = false;
  std::vector<RecipeLayer> layers;
};

struct RecipeCodes {
  std::string path;
  std::string name;
  std::uint32_t generator = 0;
  std::vector<ArrayRef> alpha;  // joined along chunks
  std::optional<AlphaType> alpha_type;
  float alpha_scale = 1;       // of the numbers in the file
  std::vector<ArrayRef> beta;  // joined likewise; none: one_beta
  float one_beta = 0;
  std::optional<BetaType> beta_type;
  std::int8_t beta_exponent = 0;
  bool per_tensor = false;  // every tensor starts a chunk of its own
};

struct RecipeStoredTheta0 {
  ArrayRef values;
  std::optional<DType> dtype;
};
struct RecipeBaseTheta0 {
  std::string path;
  std::uint32_t base = 0;
  std::string tensor;  // empty: the same name
};
using RecipeTheta0 = std::variant<std::monostate, Constant, Uniform, RecipeStoredTheta0, RecipeBaseTheta0>;

struct RecipeGenerated {
  std::uint32_t codes = 0;
  RecipeTheta0 theta0;
  std::uint32_t slices = 1;
};
struct RecipeStored {
  ArrayRef values;
};
struct RecipeShared {
  std::uint32_t tensor = 0;
};
struct RecipeProduct {
  std::uint32_t b = 0;
  std::uint32_t a = 0;
  float scale = 1;
  RecipeTheta0 theta0;
};

struct RecipeTensor {
  std::string path;
  std::string name;
  std::optional<DType> dtype;
  std::optional<std::vector<std::uint64_t>> shape;  // always there for generated tensors
  std::variant<RecipeGenerated, RecipeStored, RecipeShared, RecipeProduct> source;
  bool factor = false;
};

struct RecipeBase {
  std::string path;
  std::string name;
  std::string file;
};

struct Recipe {
  std::vector<FileRef> files;  // where a tensor is looked for that is asked for without its file
  std::vector<RecipeGenerator> generators;
  std::vector<RecipeCodes> codes;
  std::vector<RecipeBase> bases;
  std::vector<RecipeTensor> tensors;
  std::vector<FileRef> store_all;  // files of which every tensor is kept as it is
  std::vector<Metadata> metadata;
};

// Everything that can be told without the files: keys, types, ranges, names. kArgument, naming the place.
Result<Recipe> read_recipe(const std::string& path);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_RECIPE_H_
