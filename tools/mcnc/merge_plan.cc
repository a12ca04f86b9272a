// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "merge_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "describe.h"
#include "mcnc/units.h"

namespace mcnc::tools {
namespace {

using Shape = std::vector<std::uint64_t>;

// What input and output embeddings are called, which networks often share.
constexpr std::string_view kEmbeddings[] = {"embed_tokens", "lm_head",  "wte",       "word_embeddings",
                                            "shared",       "embed_in", "embed_out", "tok_embeddings"};

std::string_view first_part(std::string_view name) noexcept { return name.substr(0, name.find('.')); }

// Whether `name` is the weight of something called like an embedding.
bool is_embedding(std::string_view name) noexcept {
  constexpr std::string_view kWeight = ".weight";
  if (!name.ends_with(kWeight)) return false;
  name.remove_suffix(kWeight.size());
  name.remove_prefix(name.rfind('.') + 1);  // npos + 1 is 0
  return std::ranges::find(kEmbeddings, name) != std::end(kEmbeddings);
}

std::vector<MergedTensor> copies(const SafetensorsModel& base) {
  std::vector<MergedTensor> tensors;
  for (const SafetensorsTensor* from : base.tensors()) {
    MergedTensor& merged = tensors.emplace_back();
    merged.tensor.name = from->name;
    merged.tensor.dtype = from->dtype.value_or(DType::kU8);
    merged.tensor.shape = from->shape;
    merged.base = from;
  }
  return tensors;
}

// How the weight of a linear layer is stored.
enum class Layout { kOutIn, kInOut, kEither, kNeither };

Layout layout_of(const AdaptedModule& module, const Shape& shape) {
  const bool is_out_in = shape == Shape{module.rows, module.columns};
  const bool is_in_out = !module.is_product && shape == Shape{module.columns, module.rows};
  if (is_out_in && is_in_out) return Layout::kEither;
  return is_out_in ? Layout::kOutIn : is_in_out ? Layout::kInOut : Layout::kNeither;
}

// The shapes that the weight of a module may have, as text.
std::string expected_shape(const AdaptedModule& module) {
  if (module.kind == LoraKind::kEmbedding) return shape_text({module.columns, module.rows});
  Shape shape = {module.rows, module.columns};
  for (const std::uint64_t size : module.kernel) shape[1] /= size;
  shape.insert(shape.end(), module.kernel.begin(), module.kernel.end());
  return shape_text(shape);
}

bool fits(const AdaptedModule& module, const Shape& shape) {
  switch (module.kind) {
    case LoraKind::kEmbedding:
      return shape == Shape{module.columns, module.rows};
    case LoraKind::kConvolution:
      return shape_text(shape) == expected_shape(module);
    default:
      return layout_of(module, shape) != Layout::kNeither;
  }
}

class Planner {
 public:
  Planner(const SafetensorsModel& base, const Manifest& manifest, const Adapter& adapter);

  Result<std::vector<MergedTensor>> plan(std::optional<bool> fan_in_fan_out) &&;

 private:
  MergedTensor* find(const std::string& name);
  MergedTensor* find_tied(const std::string& name, const Shape& shape);
  Status replace(const Replacement& replacement);
  Status add(const AdaptedModule& module);
  Status add_bias(const AdaptedModule& module);
  Status lay_out(std::optional<bool> fan_in_fan_out);

  const Manifest& manifest_;
  const Adapter& adapter_;
  std::vector<MergedTensor> tensors_;  // those of the base first
  std::size_t base_count_;
  std::map<std::string, std::size_t> places_;
  std::set<std::string, std::less<>> first_parts_;  // of the base's names, up to the first dot
};

Planner::Planner(const SafetensorsModel& base, const Manifest& manifest, const Adapter& adapter)
    : manifest_(manifest), adapter_(adapter), tensors_(copies(base)), base_count_(tensors_.size()) {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    places_[tensors_[i].tensor.name] = i;
    first_parts_.emplace(first_part(tensors_[i].tensor.name));
  }
}

// The tensor of the base that the network calls `name`, or nullptr. As transformers loads them, models with a head and
// their bodies alone find each other's weights: names differ by a first part, such as "transformer.", which then no
// name of the other has.
MergedTensor* Planner::find(const std::string& name) {
  auto place = places_.find(name);
  const std::string_view first = first_part(name);
  if (place == places_.end() && first.size() < name.size() && !first_parts_.contains(first)) {
    place = places_.find(name.substr(first.size() + 1));
    for (auto part = first_parts_.begin(); place == places_.end() && part != first_parts_.end(); ++part) {
      place = places_.find(*part + "." + name);
    }
  }
  return place == places_.end() ? nullptr : &tensors_[place->second];
}

// The only embedding of the base of this shape, where it has none called `name` that is one too: a network that shares
// one tensor between input and output embedding stores it once, and PEFT then changes it for both.
MergedTensor* Planner::find_tied(const std::string& name, const Shape& shape) {
  MergedTensor* tied = nullptr;
  if (!is_embedding(name)) return nullptr;
  for (MergedTensor& candidate : std::span(tensors_).first(base_count_)) {
    if (candidate.tensor.shape != shape || !is_embedding(candidate.tensor.name)) continue;
    if (tied != nullptr) return nullptr;
    tied = &candidate;
  }
  return tied;
}

// PEFT copies what it loads into a parameter of the base's type.
Status Planner::replace(const Replacement& replacement) {
  const Tensor& from = manifest_.tensors[replacement.tensor];
  MergedTensor* place = find(replacement.name);
  if (place == nullptr && replacement.is_wrapped) {
    place = find_tied(replacement.name, from.shape);
    if (place != nullptr && place->base == nullptr) return {};  // its own name has said the same
  }
  if (place == nullptr && adapter_.config->saves_modules()) {
    places_[replacement.name] = tensors_.size();
    MergedTensor& added = tensors_.emplace_back();
    added.tensor.name = replacement.name;
    added.tensor.dtype = from.dtype;
    added.tensor.shape = from.shape;
    added.decoded = replacement.tensor;
    return {};
  }
  if (place == nullptr) {
    return {ErrorCode::kBase, "", "the base model has no tensor " + replacement.name + " for the adapter's to replace"};
  }
  const bool converts = is_float(from.dtype) && is_float(place->tensor.dtype);
  const bool fits_type = place->is_known() && (from.dtype == place->tensor.dtype || converts);
  if (from.shape != place->tensor.shape || !fits_type) {
    return {ErrorCode::kBase, "",
            "tensor " + place->tensor.name + " of the base model is " + place->type_and_shape() +
                "; the adapter's in its place is " + std::string(name(from.dtype)) + " " + shape_text(from.shape)};
  }
  place->base = nullptr;
  place->decoded = replacement.tensor;
  return {};
}

Status Planner::add(const AdaptedModule& module) {
  const std::string weight = module.name + ".weight";
  MergedTensor* place = find(weight);
  if (place == nullptr && !module.is_product) {
    const bool is_embedding = module.kind == LoraKind::kEmbedding;
    const Shape shape = is_embedding ? Shape{module.columns, module.rows} : Shape{module.rows, module.columns};
    place = find_tied(weight, shape);
  }
  if (place == nullptr) return {ErrorCode::kBase, "", "the base model has no tensor " + weight + " to change"};
  const Tensor& tensor = place->tensor;
  if (!is_float(tensor.dtype) || !fits(module, tensor.shape)) {
    return {ErrorCode::kBase, "",
            "tensor " + tensor.name + " of the base model is " + place->type_and_shape() +
                "; what the adapter adds to it is for F32, F16 or BF16 " + expected_shape(module)};
  }
  place->changes.push_back({module, module.kind == LoraKind::kEmbedding, false});
  return module.bias ? add_bias(module) : Status();
}

Status Planner::add_bias(const AdaptedModule& module) {
  const std::string bias = module.name + ".bias";
  MergedTensor* place = find(bias);
  if (place == nullptr || !is_float(place->tensor.dtype) || place->tensor.shape != Shape{module.rows}) {
    return {ErrorCode::kBase, "",
            "the base model has no tensor " + bias + " of " + std::to_string(module.rows) +
                " float numbers for the bias of lora_B to change"};
  }
  place->changes.push_back({module, false, true});
  return {};
}

// PEFT knows the class of every layer: Linear is stored (out, in), Conv1D, GPT-2's, (in, out), and fan_in_fan_out in a
// configuration is what held for the last layer that was made. Here the shape of a weight tells, where it is not
// square; of square ones the configuration, unless other weights show that it does not hold for all.
Status Planner::lay_out(std::optional<bool> fan_in_fan_out) {
  std::string out_in;  // weights that show the one and the other
  std::string in_out;
  std::vector<std::pair<LoraChange*, const std::string*>> undecided;
  for (MergedTensor& merged : tensors_) {
    for (LoraChange& change : merged.changes) {
      if (change.is_bias || change.module.kind != LoraKind::kLinear) continue;
      const Layout layout = layout_of(change.module, merged.tensor.shape);
      change.is_transposed = layout == Layout::kInOut;
      if (layout == Layout::kEither) undecided.emplace_back(&change, &merged.tensor.name);
      if (layout == Layout::kOutIn) out_in = merged.tensor.name;
      if (layout == Layout::kInOut) in_out = merged.tensor.name;
    }
  }
  if (undecided.empty()) return {};
  if (!fan_in_fan_out && adapter_.config) {
    const bool said = adapter_.config->fan_in_fan_out();
    const std::string& against = said ? out_in : in_out;
    if (!against.empty()) {
      return {ErrorCode::kArgument, "",
              "fan_in_fan_out is " + std::string(said ? "true" : "false") + ", but " + against + " is stored (" +
                  (said ? "out, in" : "in, out") + "); --fan-in-fan-out yes or no says which " + *undecided[0].second +
                  " and other square weights are"};
    }
    fan_in_fan_out = said;
  }
  if (!fan_in_fan_out && !out_in.empty() && !in_out.empty()) {
    return {ErrorCode::kArgument, "",
            in_out + " is stored (in, out) and " + out_in + " (out, in); --fan-in-fan-out yes or no says which " +
                *undecided[0].second + " and other square weights are"};
  }
  for (const auto& [change, name] : undecided) change->is_transposed = fan_in_fan_out.value_or(!in_out.empty());
  return {};
}

Result<std::vector<MergedTensor>> Planner::plan(std::optional<bool> fan_in_fan_out) && {
  if (!adapter_.merge_obstacle.empty()) {
    return Status(ErrorCode::kArgument, "", "cannot be merged: " + adapter_.merge_obstacle);
  }
  // Those that say their own place before those that find it by being tied.
  for (const bool is_tied : {false, true}) {
    for (const Replacement& replacement : adapter_.replacements) {
      if ((find(replacement.name) == nullptr) != is_tied) continue;
      if (Status s = replace(replacement); !s.ok()) return s;
    }
  }
  for (const AdaptedModule& module : adapter_.modules) {
    if (Status s = add(module); !s.ok()) return s;
  }
  if (Status s = lay_out(fan_in_fan_out); !s.ok()) return s;
  // A tensor that is input and output embedding: PEFT comes to the input first.
  for (MergedTensor& merged : tensors_) {
    std::stable_partition(merged.changes.begin(), merged.changes.end(),
                          [](const LoraChange& change) { return change.module.kind == LoraKind::kEmbedding; });
  }
  return std::move(tensors_);
}

}  // namespace

std::string MergedTensor::type_and_shape() const {
  if (base != nullptr) return base->type_and_shape();
  return std::string(name(tensor.dtype)) + " " + shape_text(tensor.shape);
}

std::vector<MergedTensor> plan_decoded(const SafetensorsModel& base, const Manifest& adapter) {
  std::vector<MergedTensor> tensors = copies(base);
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < tensors.size(); ++i) places[tensors[i].tensor.name] = i;
  for (std::size_t i = 0; i < adapter.tensors.size(); ++i) {
    if (adapter.tensors[i].factor) continue;
    const auto [place, is_new] = places.emplace(adapter.tensors[i].name, tensors.size());
    if (is_new) tensors.emplace_back();
    MergedTensor& merged = tensors[place->second];
    merged.tensor = adapter.tensors[i];
    merged.base = nullptr;
    merged.decoded = i;
  }
  return tensors;
}

Result<std::vector<MergedTensor>> plan_changed(const SafetensorsModel& base, const Manifest& manifest,
                                               const Adapter& adapter, std::optional<bool> fan_in_fan_out) {
  return Planner(base, manifest, adapter).plan(fan_in_fan_out);
}

}  // namespace mcnc::tools
