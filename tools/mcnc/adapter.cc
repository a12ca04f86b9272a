// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "adapter.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "describe.h"
#include "unstack.h"

namespace mcnc::tools {
namespace {

constexpr std::string_view kPrefix = "base_model.model.";
constexpr std::string_view kWeight = ".weight";
constexpr std::string_view kLoraA = ".lora_A.weight";
constexpr std::string_view kLoraB = ".lora_B.weight";
constexpr char kAlphaKey[] = "peft.lora_alpha";

Status no_adapter(const std::string& why) { return {Code::kArgument, "", "is no low-rank adapter: " + why}; }

bool is_float_matrix(const Tensor& tensor) noexcept {
  const bool is_float = tensor.dtype == DType::kF32 || tensor.dtype == DType::kF16 || tensor.dtype == DType::kBf16;
  return is_float && tensor.shape.size() == 2 && tensor.elements() > 0;
}

Result<std::vector<AdaptedModule>> from_product(const Tensor& tensor, const Product& product,
                                                const Manifest& manifest) {
  const bool is_change =
      std::holds_alternative<std::monostate>(product.theta0) || std::holds_alternative<BaseTheta0>(product.theta0);
  if (!is_change) return no_adapter("product " + tensor.name + " has a start of its own instead of the base model's");
  if (!tensor.name.ends_with(kWeight)) return no_adapter("product " + tensor.name + " is the weight of no module");
  const std::uint64_t rank = manifest.tensors[product.a].shape.front();
  return std::vector{AdaptedModule{tensor.name.substr(0, tensor.name.size() - kWeight.size()), product.b, product.a,
                                   tensor.shape.front(), tensor.shape.back(), rank,
                                   double{product.scale} * static_cast<double>(rank)}};
}

// The tensor called as `name` with another ending, or nullptr.
const Tensor* sibling(const Manifest& manifest, std::string name, std::string_view ending, std::string_view other) {
  return manifest.find(name.replace(name.size() - ending.size(), ending.size(), other));
}

// a: a tensor called *.lora_A.weight, or a stack of such.
Result<std::vector<AdaptedModule>> from_pair(const Tensor& a, const Manifest& manifest,
                                             std::optional<double> lora_alpha) {
  const Tensor* b = sibling(manifest, a.name, kLoraA, kLoraB);
  if (b == nullptr) return no_adapter(a.name + " has no lora_B beside it");
  const std::uint32_t slices = stack_size(a);
  if (stack_size(*b) != slices) return no_adapter(a.name + " and its lora_B are not cut in as many slices");
  if (slices > kMaxUnstacked) return no_adapter(a.name + " is a stack of more modules than a network has");
  if (!lora_alpha) return no_adapter("nothing says what lora_A and lora_B are scaled by; give --alpha");
  if (!std::isfinite(*lora_alpha)) return Status(Code::kArgument, "", "lora_alpha must be a finite number");
  const auto index = [&](const Tensor& tensor) { return static_cast<std::size_t>(&tensor - manifest.tensors.data()); };
  std::vector<AdaptedModule> modules;
  for (std::uint32_t i = 0; i < slices; ++i) {
    const Tensor a_slice = unstacked(a, i);
    const Tensor b_slice = unstacked(*b, i);
    if (!is_float_matrix(a_slice) || !is_float_matrix(b_slice) || a_slice.shape.front() != b_slice.shape.back()) {
      return no_adapter(a.name + " and its lora_B are not of the shapes (rank, in) and (out, rank)");
    }
    const std::string_view stem = std::string_view(a_slice.name).substr(0, a_slice.name.size() - kLoraA.size());
    const std::size_t prefix = stem.starts_with(kPrefix) ? kPrefix.size() : 0;
    modules.push_back({std::string(stem.substr(prefix)), index(*b), index(a), b_slice.shape.front(),
                       a_slice.shape.back(), a_slice.shape.front(), *lora_alpha, i, slices});
  }
  return modules;
}

std::optional<double> alpha_in(const Manifest& manifest) {
  const auto entry = std::ranges::find(manifest.metadata, kAlphaKey, &Metadata::key);
  if (entry == manifest.metadata.end()) return std::nullopt;
  return std::visit(Overloaded{
                        [](std::int64_t whole) { return std::optional(static_cast<double>(whole)); },
                        [](double real) { return std::optional(real); },
                        [](const auto&) { return std::optional<double>(); },
                    },
                    entry->value);
}

}  // namespace

Result<std::vector<AdaptedModule>> find_adapter(const Manifest& manifest, std::optional<double> lora_alpha) {
  const std::optional<double> pair_alpha = lora_alpha ? lora_alpha : alpha_in(manifest);
  std::vector<AdaptedModule> modules;
  std::set<std::string> names;
  bool alpha_used = false;
  for (const Tensor& tensor : manifest.tensors) {
    if (tensor.factor) continue;
    const auto* product = std::get_if<Product>(&tensor.source);
    const bool is_a = tensor.name.ends_with(kLoraA);
    const bool is_b = tensor.name.ends_with(kLoraB) && sibling(manifest, tensor.name, kLoraB, kLoraA) != nullptr;
    if (product == nullptr && is_b) continue;
    if (product == nullptr && !is_a) {
      return no_adapter("tensor " + tensor.name + " is neither a product nor half of a lora_A and lora_B");
    }
    Result<std::vector<AdaptedModule>> found =
        product != nullptr ? from_product(tensor, *product, manifest) : from_pair(tensor, manifest, pair_alpha);
    if (!found.ok()) return found.status();
    for (AdaptedModule& module : *found) {
      if (!names.insert(module.name).second) return no_adapter("it adapts " + module.name + " twice");
      modules.push_back(std::move(module));
    }
    if (modules.size() > kMaxUnstacked) return no_adapter("it adapts more modules than a network has");
    alpha_used = alpha_used || is_a;
  }
  if (modules.empty()) return no_adapter("it holds no tensors");
  if (lora_alpha && !alpha_used) return Status(Code::kArgument, "", "its products say their scale: leave out --alpha");
  return modules;
}

}  // namespace mcnc::tools
