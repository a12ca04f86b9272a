// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "common/code_types.h"
#include "describe.h"
#include "import_model.h"
#include "mcnc/checked_math.h"
#include "mcnc/ranges.h"
#include "mcnc/units.h"

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
      return array->refuse("so it has " + counted(m, "code") + " per chunk, and " + found.arrays.front().description() +
                           ", " + grouped(found.codes_per_chunk));
    }
    if (m < 1 || m > 65536) {
      return array->refuse("so it has " + counted(m, "code") + " per chunk; 1 to 65536 are allowed");
    }
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
  std::string all;
  for (const Array& array : found.arrays) all += array.description() + "; ";
  return mistake(recipe.path + "/alpha", all + "together " + message);
}

// Keeps the accumulator of an identity layer of integer arithmetic below 2^31 (rule generator.bound).
Status check_bound(const RecipeCodes& recipe, const Generator& generator, AlphaType type) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 31;
  constexpr std::uint64_t kMaxWeight = 128;
  const bool is_bounded =
      generator.arithmetic == Arithmetic::kFloat32 || generator.layers.back().activation == Activation::kSine;
  if (is_bounded) return {};
  const std::uint64_t largest = generator.layers.size() > 1 ? 127 : type == AlphaType::kInt8 ? 128 : 32768;
  const std::uint64_t inputs = generator.n_in(generator.layers.size() - 1);
  if (inputs * kMaxWeight * largest < kLimit) return {};
  return mistake(recipe.path + "/generator", "its last layer adds up " + counted(inputs, "input") + " of up to " +
                                                 grouped(largest) +
                                                 " times weights of up to 128, which can reach 2^31");
}

Status import_alphas(Import& import, const RecipeCodes& recipe, const AlphaArrays& found, const Generator& generator,
                     Codes& codes) {
  const float in_type = recipe.alpha_type == AlphaType::kF16 ? largest_of(DType::kF16) : kMaxFinite;
  const float most = std::min(kMaxFloat / recipe.alpha_scale, in_type);
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
  if (Status s = check_bound(recipe, generator, type); !s.ok()) return s;
  const std::string place = recipe.path + (recipe.alpha_type ? "/alpha_type" : "/alpha");
  if (Status s = change_type(alphas, type, generator.arithmetic); !s.ok()) return at(place, s);
  if (!(alphas.scale > 0 && alphas.scale <= kMaxFloat)) {
    return mistake(place, "rounded, the alphas would be steps of " + text_of(alphas.scale) +
                              "; above 0 and at most 65536 is allowed");
  }
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
    return mistake(recipe.path + "/beta", "lists " + counted(recipe.beta.size(), "tensor") + "; \"alpha\" lists " +
                                              grouped(chunks.size()) + ", and each has betas of its own");
  }

  Betas betas;
  betas.exponent = recipe.beta_exponent;
  const float most = std::min(std::ldexp(max_beta(arithmetic), -recipe.beta_exponent), kMaxFinite);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const Result<Array> array = import.arrays.find(recipe.beta[i]);
    if (!array.ok()) return array.status();
    if (!has_codes(array->shape(), chunks[i], codes.codes_per_chunk)) {
      return array->refuse("the alphas have " + counted(chunks[i], "chunk") + " of " +
                           counted(codes.codes_per_chunk, "code") + ", so their betas are " +
                           shape_text({chunks[i], codes.codes_per_chunk}));
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

Status import_codes(Import& import) {
  const std::vector<RecipeTensor>& tensors = import.recipe.tensors;
  import.first_elements.assign(tensors.size(), 0);
  std::vector<std::vector<std::size_t>> made_of(import.recipe.codes.size());  // tensors, by their codes
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    if (const auto* generated = std::get_if<RecipeGenerated>(&tensors[t].source))
      made_of[generated->codes].push_back(t);
  }
  for (std::size_t c = 0; c < import.recipe.codes.size(); ++c) {
    const RecipeCodes& recipe = import.recipe.codes[c];
    const Generator& generator = import.model.manifest.generators[recipe.generator];

    const std::vector<std::size_t>& made = made_of[c];
    std::vector<Part> parts;
    for (const std::size_t t : made) {
      const auto* generated = std::get_if<RecipeGenerated>(&tensors[t].source);
      std::uint64_t count = 1;  // the recipe was refused where they are too many
      for (const std::uint64_t dimension : *tensors[t].shape) count *= dimension;
      parts.push_back({count / generated->slices, generated->slices});
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
