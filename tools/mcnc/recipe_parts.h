// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The parts of a recipe, each read from its JSON. What is wrong is kept by the JsonValue that it is found at (see
// there); a part that was refused means nothing.
#ifndef MCNC_TOOLS_MCNC_RECIPE_PARTS_H_
#define MCNC_TOOLS_MCNC_RECIPE_PARTS_H_

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mcnc/manifest.h"
#include "recipe.h"
#include "recipe_json.h"

namespace mcnc::tools {

inline constexpr std::uint64_t kMaxWidth = std::uint64_t{1} << 28;
inline constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint64_t kMax64 = std::numeric_limits<std::uint64_t>::max();

inline constexpr std::pair<std::string_view, DType> kFloatTypes[] = {
    {"f32", DType::kF32}, {"f16", DType::kF16}, {"bf16", DType::kBf16}};

// What other objects refer to by name: generators, codes, bases, tensors. Index in the order of add().
class Names {
 public:
  // one, several: what they are called in messages.
  Names(std::string one, std::string several) : one_(std::move(one)), several_(std::move(several)) {}

  // name: "" where it has none. `at` is refused where the name is taken.
  void add(const std::string& name, const JsonValue& at);
  // Of the one that `name` names; refuses a name that none has.
  std::uint32_t index_of(const JsonValue& name) const;
  // Of the one that member `key` names; where there is only one of them it need not be named.
  std::uint32_t index_of(const JsonObject& object, std::string_view key) const;

 private:
  std::string one_;
  std::string several_;
  std::uint32_t count_ = 0;
  std::map<std::string, std::uint32_t> index_;  // those that have a name
};

// What the recipe has so far, for what refers to it.
struct Known {
  Names generators{"generator", "generators"};
  Names codes{"codes table", "codes tables"};
  Names bases{"base", "bases"};
  Names tensors{"tensor", "tensors"};
  // Seed and stream of each theta0 that is drawn, and where the recipe says so.
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::string> streams;
};

// The number times `unit`, as a float32 of at most `most` in magnitude.
float real(const JsonValue& value, float most, double unit = 1);
// Likewise, and not 0.
float nonzero(const JsonValue& value, float most, double unit = 1);
// Likewise, and above 0.
float positive(const JsonValue& value, float most, double unit = 1);

std::uint32_t whole32(const JsonValue& value, std::uint64_t least, std::uint64_t most);

// A shape that the format allows: at most 16 dimensions, less than 2^57 elements.
std::vector<std::uint64_t> read_shape(const JsonValue& value);

ArrayRef read_array(const JsonValue& value);
// One array, or a list of them.
std::vector<ArrayRef> read_arrays(const JsonValue& value);

RecipeGenerator read_generator(const JsonValue& value, Names& names);
// generators: those of the recipe, in the order of known.generators.
RecipeCodes read_codes(const JsonValue& value, const std::vector<RecipeGenerator>& generators, Known& known);
// The list of tensors. They may refer to later ones.
std::vector<RecipeTensor> read_tensors(const JsonValue& value, Known& known);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_RECIPE_PARTS_H_
