// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "import_summary.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <utility>
#include <variant>
#include <vector>

#include "arguments.h"
#include "commands.h"
#include "common/escape.h"
#include "mcnc/base_models.h"
#include "mcnc/decoder.h"
#include "mcnc/units.h"
#include "weight_change.h"

namespace mcnc::tools {
namespace {

std::string line(const std::string& file, const std::string& what) {
  return std::string(kProgram) + ": " + escape(file) + ": " + what + "\n";
}

std::string ratio(std::uint64_t large, std::uint64_t small) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(large) / static_cast<double>(small));
  return text.data();
}

// How the file compares with `bytes` of something else: "3.4 times smaller than".
std::string comparison(std::uint64_t file, std::uint64_t bytes) {
  if (file == bytes) return "as large as";
  if (file < bytes) return ratio(bytes, file) + " times smaller than";
  return bytes == 0 ? "LARGER than" : ratio(file, bytes) + " times LARGER than";
}

RecipeTheta0* theta0_of(RecipeTensor& tensor) {
  if (auto* generated = std::get_if<RecipeGenerated>(&tensor.source)) return &generated->theta0;
  if (auto* product = std::get_if<RecipeProduct>(&tensor.source)) return &product->theta0;
  return nullptr;
}

// Whether a type was named there.
template <typename Type>
bool forget(std::optional<Type>& type) {
  return std::exchange(type, std::nullopt).has_value();
}

// Tensors that are made of codes, products and their factors.
std::vector<RecipeTensor> made_tensors(const std::vector<RecipeTensor>& tensors) {
  std::vector<bool> kept(tensors.size(), false);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto* product = std::get_if<RecipeProduct>(&tensors[i].source);
    if (product != nullptr) kept[i] = kept[product->b] = kept[product->a] = true;
    if (std::holds_alternative<RecipeGenerated>(tensors[i].source)) kept[i] = true;
  }
  std::vector<std::uint32_t> place(tensors.size(), 0);
  std::vector<RecipeTensor> made;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    place[i] = static_cast<std::uint32_t>(made.size());
    if (kept[i]) made.push_back(tensors[i]);
  }
  for (RecipeTensor& tensor : made) {
    auto* product = std::get_if<RecipeProduct>(&tensor.source);
    if (product == nullptr) continue;
    product->b = place[product->b];
    product->a = place[product->a];
  }
  return made;
}

}  // namespace

std::string summary_text(const std::string& file, const Reader& made, std::uint64_t source_bytes) {
  const Manifest& manifest = made.manifest();
  const std::uint64_t size = made.file_length();
  const std::uint64_t decoded = manifest.budget.output_bytes;
  std::uint64_t tensors = 0;
  std::uint64_t weights = 0;
  for (const Tensor& tensor : manifest.tensors) {
    if (tensor.factor) continue;
    ++tensors;
    weights += tensor.elements();
  }
  return line(file, counted(tensors, "tensor") + " of " + counted(weights, "weight") + " in " + counted(size, "byte") +
                        ", " + comparison(size, decoded) + " the " + counted(decoded, "byte") + " it decodes to") +
         line(file,
              comparison(size, source_bytes) + " the " + counted(source_bytes, "byte") + " of tensors it was made of");
}

std::optional<Recipe> without_rounding(const Recipe& recipe) {
  Recipe exact = recipe;
  bool rounds = false;
  for (RecipeCodes& codes : exact.codes) {
    // Integer arithmetic has no scale to round by: alphas keep their values or are refused.
    const bool is_float = recipe.generators[codes.generator].arithmetic == Arithmetic::kFloat32;
    if (is_float && forget(codes.alpha_type)) rounds = true;
    if (forget(codes.beta_type)) rounds = true;
  }
  for (RecipeGenerator& generator : exact.generators) {
    for (RecipeLayer& layer : generator.layers) rounds = forget(layer.weights_type) || rounds;
  }
  for (RecipeTensor& tensor : exact.tensors) {
    RecipeTheta0* theta0 = theta0_of(tensor);
    auto* stored = theta0 != nullptr ? std::get_if<RecipeStoredTheta0>(theta0) : nullptr;
    if (stored != nullptr && forget(stored->dtype)) rounds = true;
  }
  if (!rounds) return std::nullopt;
  exact.tensors = made_tensors(exact.tensors);
  exact.store_all.clear();
  exact.metadata.clear();
  return exact;
}

Result<std::string> rounding_text(const std::string& file, Reader& exact, Reader& made,
                                  std::span<BaseModel* const> bases) {
  constexpr std::size_t kShown = 10;
  const DecoderOptions options{.execution = {.threads = all_cores()}};
  Result<Decoder> before = Decoder::create(exact, options);
  if (!before.ok()) return before.status();
  if (Status s = set_bases(*before, bases); !s.ok()) return s;
  Result<Decoder> after = Decoder::create(made, options);
  if (!after.ok()) return after.status();
  if (Status s = set_bases(*after, bases); !s.ok()) return s;

  std::vector<std::pair<std::string, WeightChange>> changes;
  for (std::size_t i = 0; i < exact.manifest().tensors.size(); ++i) {
    const Tensor& tensor = exact.manifest().tensors[i];
    const Tensor& rounded = *made.manifest().find(tensor.name);
    if (tensor.factor || tensor.digest == rounded.digest) continue;
    const auto index = static_cast<std::size_t>(&rounded - made.manifest().tensors.data());
    const Result<WeightChange> change = weight_change(*before, i, *after, index, tensor);
    if (!change.ok()) return change.status();
    changes.emplace_back(tensor.name, *change);
  }
  if (changes.empty()) return line(file, "no weight moved by rounding");
  std::ranges::stable_sort(changes, std::greater{}, [](const auto& change) { return change.second.relative(); });
  Table table(kChangeAlignment);
  table.add(change_title());
  for (std::size_t i = 0; i < std::min(changes.size(), kShown); ++i) {
    table.add(change_row(changes[i].first, changes[i].second));
  }
  std::string text =
      line(file, "rounding moved weights of " + counted(changes.size(), "tensor")) + table.to_string("  ");
  if (changes.size() > kShown) text += "  and " + grouped(changes.size() - kShown) + " more, none by a larger share\n";
  return text;
}

}  // namespace mcnc::tools
