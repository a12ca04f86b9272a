// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "adapter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include "describe.h"
#include "mcnc/units.h"
#include "unstack.h"

namespace mcnc::tools {
namespace {

constexpr std::string_view kPrefix = kPeftPrefix;
constexpr std::string_view kWeight = ".weight";
constexpr std::string_view kLoraBias = ".lora_B.bias";
constexpr std::string_view kTokens = ".trainable_tokens_delta";
constexpr std::string_view kBaseLayer = ".base_layer.";

struct PairNames {
  std::string_view a;
  std::string_view b;
};
constexpr PairNames kPairs[] = {{".lora_A.weight", ".lora_B.weight"}, {".lora_embedding_A", ".lora_embedding_B"}};
constexpr std::string_view kEmbeddingA = kPairs[1].a;

Status no_adapter(const std::string& why) { return {ErrorCode::kArgument, "", "is not a low-rank adapter: " + why}; }

std::string_view without_prefix(std::string_view name) noexcept {
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
}

// PEFT wraps the layers it adapts: what was M.weight is M.base_layer.weight.
std::string unwrapped(std::string_view name) {
  const std::size_t layer = name.rfind(kBaseLayer);
  const std::size_t leaf = name.rfind('.');
  if (layer == std::string_view::npos || layer + kBaseLayer.size() != leaf + 1) return std::string(name);
  return std::string(name.substr(0, layer)) + std::string(name.substr(leaf));
}

class Finder {
 public:
  Finder(const Manifest& manifest, std::optional<double> lora_alpha);

  Result<Adapter> find() &&;

 private:
  Status read_metadata();
  Status add(const Tensor& tensor);
  Status add_product(const Tensor& tensor, const Product& product);
  Status add_pair(const Tensor& a, const PairNames& names);
  Status add_slice(const Tensor& a, const Tensor& b, const PairNames& names, std::uint32_t slice);
  Status add_bias(const Tensor& a, AdaptedModule& module);
  Status add_other(const Tensor& tensor, std::string_view name);
  Status set_scale(const Tensor& a, AdaptedModule& module) const;
  Status keep(AdaptedModule module);
  void obstruct(const std::string& why);
  // The tensor called as `name` with another ending, or nullptr.
  const Tensor* sibling(const std::string& name, std::string_view ending, std::string_view other) const;
  std::size_t index_of(const Tensor& tensor) const noexcept {
    return static_cast<std::size_t>(&tensor - manifest_.tensors.data());
  }

  const Manifest& manifest_;
  const std::optional<double> asked_alpha_;
  std::optional<double> pair_alpha_;
  std::unordered_map<std::string_view, const Tensor*> by_name_;
  std::set<std::string> names_;
  Adapter adapter_;
};

Finder::Finder(const Manifest& manifest, std::optional<double> lora_alpha)
    : manifest_(manifest), asked_alpha_(lora_alpha) {
  for (const Tensor& tensor : manifest.tensors) by_name_.emplace(tensor.name, &tensor);
}

const Tensor* Finder::sibling(const std::string& name, std::string_view ending, std::string_view other) const {
  const std::string wanted = name.substr(0, name.size() - ending.size()) + std::string(other);
  const auto found = by_name_.find(wanted);
  return found == by_name_.end() ? nullptr : found->second;
}

Status Finder::read_metadata() {
  for (const Metadata& entry : manifest_.metadata) {
    const Result<MetadataValue> value = known_metadata(entry.key, entry.value);
    if (!value.ok()) return {ErrorCode::kArgument, "", "its metadata cannot be used: " + value.status().message()};
    if (entry.key == kPeftConfigKey) {
      Result<PeftConfig> config = PeftConfig::parse(std::get<std::string>(*value));
      if (!config.ok()) return config.status();
      adapter_.config = *std::move(config);
      adapter_.merge_obstacle = adapter_.config->merge_obstacle();
    } else if (entry.key == kLoraAlphaKey) {
      const auto* whole = std::get_if<std::int64_t>(&*value);
      pair_alpha_ = whole != nullptr ? static_cast<double>(*whole) : std::get<double>(*value);
    }
  }
  if (adapter_.config && asked_alpha_) {
    return {ErrorCode::kArgument, "", "its " + std::string(kPeftConfigKey) + " says the scales: leave out --alpha"};
  }
  if (adapter_.config && pair_alpha_) {
    return no_adapter(std::string("it has both ") + kPeftConfigKey + " and " + kLoraAlphaKey + "; take one away");
  }
  if (asked_alpha_) pair_alpha_ = asked_alpha_;
  if (pair_alpha_ && !std::isfinite(*pair_alpha_)) {
    return {ErrorCode::kArgument, "", "lora_alpha must be a finite number"};
  }
  return {};
}

Result<Adapter> Finder::find() && {
  if (Status s = read_metadata(); !s.ok()) return s;
  bool has_pairs = false;
  for (const Tensor& tensor : manifest_.tensors) {
    if (tensor.factor) continue;
    if (Status s = add(tensor); !s.ok()) return s;
    has_pairs = has_pairs || !std::holds_alternative<Product>(tensor.source);
    if (adapter_.modules.size() > kMaxUnstacked) return no_adapter("it adapts more modules than a network has");
  }
  if (adapter_.modules.empty() && adapter_.replacements.empty() && adapter_.merge_obstacle.empty()) {
    return no_adapter("it holds no tensors");
  }
  if (asked_alpha_ && !has_pairs) {
    return Status(ErrorCode::kArgument, "", "its products say their scale: leave out --alpha");
  }
  return std::move(adapter_);
}

Status Finder::add(const Tensor& tensor) {
  if (const auto* product = std::get_if<Product>(&tensor.source)) return add_product(tensor, *product);
  for (const PairNames& names : kPairs) {
    if (tensor.name.ends_with(names.a)) return add_pair(tensor, names);
    if (tensor.name.ends_with(names.b) && sibling(tensor.name, names.b, names.a) != nullptr) return {};
  }
  const std::string_view name = without_prefix(tensor.name);
  if (tensor.name.ends_with(kLoraBias) && sibling(tensor.name, kLoraBias, kPairs[0].a) != nullptr) return {};
  if (adapter_.config) return add_other(tensor, name);
  return no_adapter("tensor " + tensor.name + " is neither a product nor half of a lora_A and lora_B");
}

Status Finder::keep(AdaptedModule module) {
  if (module.is_product) adapter_.targets.push_back(module.name);
  if (!names_.insert(module.name).second) return no_adapter("it adapts " + module.name + " twice");
  adapter_.modules.push_back(std::move(module));
  return {};
}

void Finder::obstruct(const std::string& why) {
  if (adapter_.merge_obstacle.empty()) adapter_.merge_obstacle = why;
}

Status Finder::add_product(const Tensor& tensor, const Product& product) {
  if (adapter_.config) return no_adapter("it has both " + std::string(kPeftConfigKey) + " and a product");
  const bool is_change =
      std::holds_alternative<std::monostate>(product.theta0) || std::holds_alternative<BaseTheta0>(product.theta0);
  if (!is_change) return no_adapter("product " + tensor.name + " has a start of its own instead of the base model's");
  if (!tensor.name.ends_with(kWeight)) return no_adapter("product " + tensor.name + " is the weight of no module");
  AdaptedModule module;
  module.name = tensor.name.substr(0, tensor.name.size() - kWeight.size());
  module.b = product.b;
  module.a = product.a;
  module.rows = tensor.shape.front();
  module.columns = tensor.shape.back();
  module.rank = manifest_.tensors[product.a].shape.front();
  module.is_product = true;
  module.scale = double{product.scale};
  module.lora_alpha = module.scale * static_cast<double>(module.rank);
  return keep(std::move(module));
}

// a: a tensor called as the first half of a pair, or a stack of such.
Status Finder::add_pair(const Tensor& a, const PairNames& names) {
  const Tensor* b = sibling(a.name, names.a, names.b);
  const std::string half(names.b.substr(1));
  if (b == nullptr) return no_adapter(a.name + " has no " + half + " beside it");
  const std::uint32_t slices = stack_size(a);
  if (stack_size(*b) != slices) return no_adapter(a.name + " and its lora_B are not cut in as many slices");
  if (slices > kMaxUnstacked) return no_adapter(a.name + " is a stack of more modules than a network has");
  if (!adapter_.config && !pair_alpha_) {
    return no_adapter("nothing says what lora_A and lora_B are scaled by; give --alpha");
  }
  for (std::uint32_t slice = 0; slice < slices; ++slice) {
    if (Status s = add_slice(a, *b, names, slice); !s.ok()) return s;
  }
  return {};
}

Status Finder::add_slice(const Tensor& a, const Tensor& b, const PairNames& names, std::uint32_t slice) {
  const Tensor a_slice = unstacked(a, slice);
  const Tensor b_slice = unstacked(b, slice);
  const std::vector<std::uint64_t>& a_shape = a_slice.shape;
  const std::vector<std::uint64_t>& b_shape = b_slice.shape;
  const bool is_embedding = names.a == kEmbeddingA;
  const auto is_one = [](std::uint64_t size) { return size == 1; };
  const bool has_rank = a_shape.size() >= 2 && a_shape.size() == b_shape.size() && a_shape.size() <= 5 &&
                        a_slice.elements() > 0 && b_slice.elements() > 0;
  const bool fits = has_rank && a_shape[0] == b_shape[1] && std::all_of(b_shape.begin() + 2, b_shape.end(), is_one) &&
                    (!is_embedding || a_shape.size() == 2);
  const std::string_view stem = without_prefix(a_slice.name);
  AdaptedModule module;
  module.name = stem.substr(0, stem.size() - names.a.size());
  adapter_.targets.push_back(module.name);
  if (adapter_.config && has_rank && (!is_float(a.dtype) || !is_float(b.dtype))) {
    obstruct(a_slice.name + " is " + std::string(name(a.dtype)) + " and its " + std::string(names.b.substr(1)) + " " +
             std::string(name(b.dtype)) + ", not F32, F16 or BF16");
    return {};
  }
  if (adapter_.config && has_rank && a_shape.size() > 2 && b_shape[1] < a_shape[0] && a_shape[0] % b_shape[1] == 0) {
    obstruct("its " + a_slice.name + " is for a convolution in groups");
    return {};
  }
  if (!is_float(a.dtype) || !is_float(b.dtype) || !fits) {
    return no_adapter(a_slice.name + " is " + std::string(name(a.dtype)) + " " + shape_text(a_shape) + " and its " +
                      std::string(names.b.substr(1)) + " " + std::string(name(b.dtype)) + " " + shape_text(b_shape) +
                      "; they must be F32, F16 or BF16 of the shapes (rank, in) and (out, rank), or (rank, in, "
                      "kernel ...) and (out, rank, 1 ...)");
  }

  module.kernel.assign(a_shape.begin() + 2, a_shape.end());
  module.kind = is_embedding            ? LoraKind::kEmbedding
                : module.kernel.empty() ? LoraKind::kLinear
                                        : LoraKind::kConvolution;
  module.b = index_of(b);
  module.a = index_of(a);
  module.rows = b_shape[0];
  module.rank = a_shape[0];
  module.columns = a_slice.elements() / module.rank;
  module.slice = slice;
  module.slices = stack_size(a);
  if (Status s = set_scale(a_slice, module); !s.ok()) return s;
  if (Status s = add_bias(a, module); !s.ok()) return s;
  if (("." + module.name + ".").find(kBaseLayer) != std::string::npos) {
    if (!adapter_.config) {
      return no_adapter(a_slice.name +
                        " adapts a parameter that is not a module's weight; what its scale is only the " +
                        "folder that PEFT wrote tells");
    }
    obstruct("it adapts " + module.name + ", which is not a layer with one weight");
  }
  return keep(std::move(module));
}

Status Finder::set_scale(const Tensor& a, AdaptedModule& module) const {
  if (adapter_.config) {
    const Result<LoraScale> said = adapter_.config->scale_of(module.name);
    if (!said.ok()) return said.status();
    // A parameter of several experts has their factors beside each other.
    if (said->rank != module.rank && !adapter_.config->targets_parameters()) {
      return no_adapter(a.name + " is of rank " + std::to_string(module.rank) + "; its configuration says " +
                        std::to_string(said->rank));
    }
    module.scale = said->scale;
    module.lora_alpha = said->scale * static_cast<double>(said->rank);
  } else {
    module.scale = *pair_alpha_ / static_cast<double>(module.rank);
    module.lora_alpha = *pair_alpha_;
  }
  constexpr double kMost = std::numeric_limits<float>::max();
  if (!(std::fabs(module.scale) <= kMost)) return no_adapter(a.name + " has a scale that no float32 can be");
  return {};
}

Status Finder::add_bias(const Tensor& a, AdaptedModule& module) {
  if (!a.name.ends_with(kPairs[0].a)) return {};
  const Tensor* bias = sibling(a.name, kPairs[0].a, kLoraBias);
  if (bias == nullptr) return {};
  if (!is_float(bias->dtype) || bias->shape != std::vector{module.rows} || module.slices != 1) {
    return no_adapter(bias->name + " is " + std::string(name(bias->dtype)) + " " + shape_text(bias->shape) +
                      "; it must be F32, F16 or BF16 " + std::to_string(module.rows));
  }
  module.bias = index_of(*bias);
  return {};
}

// Of a file that PEFT's configuration describes, and no half of a pair.
Status Finder::add_other(const Tensor& tensor, std::string_view name) {
  if (stack_size(tensor) != 1) return no_adapter("stack " + tensor.name + " is not half of a lora_A and lora_B");
  for (const PairNames& names : kPairs) {
    if (name.ends_with(names.b))
      return no_adapter(tensor.name + " has no " + std::string(names.a.substr(1)) + " beside it");
  }
  if (name.ends_with(kTokens)) {
    obstruct("it has trained tokens of an embedding, " + tensor.name);
  } else if (name.find(".lora_") != std::string_view::npos) {
    obstruct("it has " + tensor.name + ", which plain LoRA does not have");
  } else {
    std::string replaced = unwrapped(name);
    const bool is_wrapped = replaced != name;
    adapter_.replacements.push_back({std::move(replaced), index_of(tensor), is_wrapped});
  }
  return {};
}

}  // namespace

Result<Adapter> find_adapter(const Manifest& manifest, std::optional<double> lora_alpha) {
  return Finder(manifest, lora_alpha).find();
}

}  // namespace mcnc::tools
