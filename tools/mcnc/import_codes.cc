// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "base/checked_math.h"
#include "common/code_types.h"
#include "common/units.h"
#include "import_model.h"
#include "manifest/validate.h"

namespace mcnc::tools {
namespace {

constexpr float kMaxFinite = std::numeric_limits<float>::max();
constexpr std::uint64_t kMaxWeights = std::uint64_t{1} << 48;

// A tensor of codes: `slices` parts of `elements`; several of them start a chunk each.
struct Part {
  std::uint64_t elements = 0;
  std::uint64_t slices = 1;
};

// Where one tensor after the other lies among the weights of codes.
struct Placement {
  std::vector<std::uint64_t> first_elements;
  std::uint64_t chunks = 0;
};

// Nothing where they are too many to count.
std::optional<Placement> place(const std::vector<Part>& parts, std::uint64_t d, bool per_tensor) {
  const auto whole_chunks = [d](std::uint64_t count) { return (count + d - 1) / d * d; };
  Placement placement;
  std::uint64_t end = 0;
  for (const Part& part : parts) {
    if (per_tensor || part.slices > 1) end = whole_chunks(end);
    placement.first_elements.push_back(end);
    if (end >= kMaxWeights || part.elements >= kMaxWeights) return std::nullopt;
    const Checked before_last = Checked(part.slices - 1) * whole_chunks(part.elements);
    if (before_last.value() >= kMaxWeights) return std::nullopt;
    end += before_last.value() + part.elements;
  }
  placement.chunks = (end + d - 1) / d;
  return placement;
}

// The type that keeps alphas of `dtype` as they are; none where no type does.
std::optional<AlphaType> type_of(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return AlphaType::kF32;
    case DType::kF16:
      return AlphaType::kF16;
    case DType::kBf16:
      return AlphaType::kBf16;
    case DType::kI8:
      return AlphaType::kInt8;
    case DType::kI16:
      return AlphaType::kInt16;
    case DType::kF64:
    case DType::kI32:
    case DType::kI64:
    case DType::kU8:
    case DType::kU16:
    case DType::kU32:
    case DType::kU64:
    case DType::kBool:
    case DType::kF8E4M3:
    case DType::kF8E5M2:
      break;
  }
  return std::nullopt;
}

// A type that has all numbers of both.
AlphaType joined(AlphaType a, AlphaType b) {
  const auto whole = [](AlphaType type) { return type == AlphaType::kInt8 || type == AlphaType::kInt16; };
  if (a == b) return a;
  return whole(a) && whole(b) ? AlphaType::kInt16 : AlphaType::kF32;
}

// (k, count) of codes (count, k).
std::vector<float> planar(const std::vector<float>& codes, std::size_t k) {
  const std::size_t count = codes.size() / k;
  std::vector<float> planes(codes.size());
  for (std::size_t c = 0; c < count; ++c) {
    for (std::size_t i = 0; i < k; ++i) planes[i * count + c] = codes[c * k + i];
  }
  return planes;
}

// The arrays that alphas come from, and how many chunks each has.
struct AlphaArrays {
  std::vector<Array> arrays;
  std::vector<std::uint64_t> chunks;
  std::uint64_t codes_per_chunk = 1;
};

// needed: chunks that the tensors take; otherwise: those they would take with the other chunking.
Result<AlphaArrays> find_alphas(Import& import, const RecipeCodes& recipe, std::uint32_t k, std::uint64_t needed,
                                std::uint64_t otherwise) {
  AlphaArrays found;
  std::uint64_t total = 0;
  for (const ArrayRef& ref : recipe.alpha) {
    const Result<Array> array = import.arrays.find(ref);
    if (!array.ok()) return array.status();
    const std::vector<std::uint64_t>& shape = array->shape();
    if (shape.empty() || shape.size() > 3 || shape.back() != k) {
      return array->refuse("alphas are chunks x " + std::to_string(k) + " or chunks x codes_per_chunk x " +
                           std::to_string(k) + ", as code_dim is " + std::to_string(k));
    }
    const std::uint64_t m = shape.size() == 3 ? shape[1] : 1;
    if (!found.arrays.empty() && m != found.codes_per_chunk) {
      return array->refuse("the alphas before it have " + std::to_string(found.codes_per_chunk) + " codes per chunk");
    }
    if (m < 1 || m > 65536) return array->refuse("codes_per_chunk is 1 to 65536");
    found.codes_per_chunk = m;
    found.chunks.push_back(shape.size() == 1 ? 1 : shape[0]);
    found.arrays.push_back(*array);
    total += found.chunks.back();
  }
  if (total == needed) return found;
  std::string message = "it has " + counted(total, "chunk") + ", the tensors made from it take " + grouped(needed);
  if (total == otherwise) {
    message += std::string(" (chunking ") + (recipe.per_tensor ? "flat" : "per_tensor") + " would fit)";
  }
  if (found.arrays.size() == 1) return found.arrays.front().refuse(message);
  return mistake(recipe.path + "/alpha", message);
}

Status import_alphas(Import& import, const RecipeCodes& recipe, const AlphaArrays& found, const Generator& generator,
                     Codes& codes) {
  if (!(recipe.alpha_scale > 0)) return mistake(recipe.path + "/alpha_scale", "must be above 0");
  const float most = std::min(kMaxFloat / recipe.alpha_scale, kMaxFinite);
  Alphas alphas;
  alphas.scale = recipe.alpha_scale;
  for (const Array& array : found.arrays) {
    const Result<std::vector<float>> numbers = array.numbers(most, "codes.alpha");
    if (!numbers.ok()) return numbers.status();
    const std::optional<AlphaType> type = type_of(array.dtype());
    if (!type) return array.refuse("alphas are F32, F16, BF16, I8 or I16");
    alphas.type = &array == &found.arrays.front() ? *type : joined(alphas.type, *type);
    alphas.numbers.insert(alphas.numbers.end(), numbers->begin(), numbers->end());
  }
  alphas.numbers = planar(alphas.numbers, generator.code_dim);
  const AlphaType type = recipe.alpha_type.value_or(alphas.type);
  if (Status s = change_type(alphas, type, generator.arithmetic); !s.ok()) return at(recipe.path + "/alpha", s);
  codes.alpha_type = alphas.type;
  codes.alpha_scale = alphas.scale;
  codes.alpha_segment = import.add_segment(bytes_of(alphas));
  return {};
}

// Whether `shape` is (chunks, codes_per_chunk), dimensions of 1 aside.
bool has_codes(std::vector<std::uint64_t> shape, std::uint64_t chunks, std::uint64_t codes_per_chunk) {
  std::vector<std::uint64_t> expected = {chunks, codes_per_chunk};
  std::erase(shape, 1);
  std::erase(expected, 1);
  return shape == expected;
}

Status import_betas(Import& import, const RecipeCodes& recipe, const AlphaArrays& alphas, Arithmetic arithmetic,
                    Codes& codes) {
  codes.beta = recipe.one_beta;
  codes.beta_exponent = recipe.beta_exponent;
  if (recipe.beta.empty()) return {};
  std::vector<std::uint64_t> chunks = alphas.chunks;
  if (recipe.beta.size() == 1) chunks = {codes.chunks};
  if (recipe.beta.size() != chunks.size()) {
    return mistake(recipe.path + "/beta", "a list of betas has as many tensors as that of alphas");
  }

  Betas betas;
  betas.exponent = recipe.beta_exponent;
  const float most = std::min(std::ldexp(max_beta(arithmetic), -recipe.beta_exponent), kMaxFinite);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const Result<Array> array = import.arrays.find(recipe.beta[i]);
    if (!array.ok()) return array.status();
    if (!has_codes(array->shape(), chunks[i], codes.codes_per_chunk)) {
      return array->refuse("betas of these alphas are " + shape_text({chunks[i], codes.codes_per_chunk}));
    }
    const DType dtype = array->dtype();
    if (dtype != DType::kF32 && dtype != DType::kF16 && dtype != DType::kBf16) {
      return array->refuse("betas are F32, F16 or BF16");
    }
    const Result<std::vector<float>> numbers = array->numbers(most, "codes.beta");
    if (!numbers.ok()) return numbers.status();
    const BetaType type = dtype == DType::kF16    ? BetaType::kF16
                          : dtype == DType::kBf16 ? BetaType::kBf16
                                                  : BetaType::kF32;
    betas.type = i == 0 || betas.type == type ? type : BetaType::kF32;
    betas.numbers.insert(betas.numbers.end(), numbers->begin(), numbers->end());
  }
  change_type(betas, recipe.beta_type.value_or(betas.type));
  codes.beta_type = betas.type;
  codes.beta_exponent = betas.exponent;
  codes.beta_segment = import.add_segment(bytes_of(betas));
  return {};
}

}  // namespace

std::optional<std::uint64_t> element_count(const std::vector<std::uint64_t>& shape) {
  Checked elements = 1;
  for (const std::uint64_t dimension : shape) elements *= dimension;
  if (elements.value() >= std::uint64_t{1} << 60) return std::nullopt;
  return elements.value();
}

Status import_codes(Import& import) {
  const std::vector<RecipeTensor>& tensors = import.recipe.tensors;
  import.first_elements.assign(tensors.size(), 0);
  for (std::size_t c = 0; c < import.recipe.codes.size(); ++c) {
    const RecipeCodes& recipe = import.recipe.codes[c];
    const Generator& generator = import.model.manifest.generators[recipe.generator];

    std::vector<std::size_t> made;  // tensors of these codes
    std::vector<Part> parts;
    for (std::size_t t = 0; t < tensors.size(); ++t) {
      const auto* generated = std::get_if<RecipeGenerated>(&tensors[t].source);
      if (generated == nullptr || generated->codes != c) continue;
      const std::optional<std::uint64_t> count = element_count(*tensors[t].shape);
      if (!count || *count == 0) return mistake(tensors[t].path + "/shape", "has no elements or too many");
      const std::uint64_t rows = tensors[t].shape->empty() ? 1 : tensors[t].shape->front();
      if (rows % generated->slices != 0) {
        return mistake(tensors[t].path + "/generated/slices",
                       "slices are equal parts of the first dimension, which is " + std::to_string(rows));
      }
      made.push_back(t);
      parts.push_back({*count / generated->slices, generated->slices});
    }
    if (made.empty()) return mistake(recipe.path, "no tensor is made from these codes");
    const std::optional<Placement> placement = place(parts, generator.chunk_dim(), recipe.per_tensor);
    const std::optional<Placement> otherwise = place(parts, generator.chunk_dim(), !recipe.per_tensor);
    if (!placement || !otherwise) return mistake(recipe.path, "its tensors have more weights than codes can make");
    for (std::size_t i = 0; i < made.size(); ++i) import.first_elements[made[i]] = placement->first_elements[i];

    const Result<AlphaArrays> alphas =
        find_alphas(import, recipe, generator.code_dim, placement->chunks, otherwise->chunks);
    if (!alphas.ok()) return alphas.status();
    Codes codes;
    codes.generator = recipe.generator;
    codes.chunks = placement->chunks;
    codes.codes_per_chunk = static_cast<std::uint32_t>(alphas->codes_per_chunk);
    if (Status s = import_alphas(import, recipe, *alphas, generator, codes); !s.ok()) return s;
    if (Status s = import_betas(import, recipe, *alphas, generator.arithmetic, codes); !s.ok()) return s;
    import.model.manifest.codes.push_back(codes);
  }
  return {};
}

}  // namespace mcnc::tools
