// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "writer/order.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "manifest/references.h"

namespace mcnc {
namespace {

// Generators and tensors must be sound enough to be walked before the whole manifest can be validated.
Status check_indices(const Model& model) {
  const Manifest& m = model.manifest;
  for (const SegmentSource& source : model.segments) {
    const auto* input = std::get_if<std::shared_ptr<Input>>(&source);
    if (input != nullptr && *input == nullptr) return {ErrorCode::kArgument, "", "a segment has no input"};
  }
  for (const Generator& generator : m.generators) {
    if (generator.layers.empty()) return {ErrorCode::kArgument, "generator.layers", "a generator has no layers"};
    if (generator.chunk_dim() == 0) return {ErrorCode::kArgument, "generator.width", "a generator has no outputs"};
  }
  for (const Codes& codes : m.codes) {
    if (codes.generator >= m.generators.size()) {
      return {ErrorCode::kArgument, "codes.generator", "codes name a generator that does not exist"};
    }
  }
  // What a shared tensor or a product refers to must be made by itself, or walking them would not end.
  const auto is_made = [&](std::uint32_t index) {
    return index < m.tensors.size() && (std::holds_alternative<Generated>(m.tensors[index].source) ||
                                        std::holds_alternative<Stored>(m.tensors[index].source));
  };
  for (const Tensor& tensor : m.tensors) {
    const auto* generated = std::get_if<Generated>(&tensor.source);
    if (generated != nullptr && (generated->codes >= m.codes.size() || tensor.elements() == 0)) {
      return {ErrorCode::kArgument, "tensor.generated", "tensor " + tensor.name + " has no codes or no elements"};
    }
    if (generated != nullptr && generated->slices == 0) {
      return {ErrorCode::kArgument, "tensor.slices", "tensor " + tensor.name + " is cut in no slices"};
    }
    const auto* shared = std::get_if<Shared>(&tensor.source);
    if (shared != nullptr &&
        (shared->tensor >= m.tensors.size() || std::holds_alternative<Shared>(m.tensors[shared->tensor].source))) {
      return {ErrorCode::kArgument, "tensor.shared",
              "tensor " + tensor.name + " shares one that is missing or shared itself"};
    }
    const auto* product = std::get_if<Product>(&tensor.source);
    if (product != nullptr && (!is_made(product->b) || !is_made(product->a) || m.tensors[product->a].shape.empty())) {
      return {ErrorCode::kArgument, "tensor.product",
              "tensor " + tensor.name + " is a product of what is not a factor"};
    }
  }
  std::vector<bool> used(model.segments.size(), false);
  bool once = true;
  each_reference(m, [&](std::uint32_t segment, std::uint64_t bytes) {
    once = once && segment < used.size() && !used[segment] && source_size(model.segments[segment]) == bytes;
    if (once) used[segment] = true;
  });
  if (once && std::ranges::find(used, false) == used.end()) return {};
  return {ErrorCode::kArgument, "segment.reference", "each segment must be used once, by what needs exactly its bytes"};
}

void sort_tensors(std::vector<Tensor>& tensors) {
  std::vector<std::uint32_t> order(tensors.size());  // new position -> old
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [&](std::uint32_t i) -> const std::string& { return tensors[i].name; });
  std::vector<std::uint32_t> position(tensors.size());  // old -> new
  std::vector<Tensor> sorted;
  for (const std::uint32_t old : order) {
    position[old] = static_cast<std::uint32_t>(sorted.size());
    sorted.push_back(std::move(tensors[old]));
  }
  for (Tensor& tensor : sorted) {
    if (auto* shared = std::get_if<Shared>(&tensor.source)) shared->tensor = position[shared->tensor];
    if (auto* product = std::get_if<Product>(&tensor.source)) {
      product->b = position[product->b];
      product->a = position[product->a];
    }
  }
  tensors = std::move(sorted);
}

// Numbers segments in the order they are referred to.
void sort_segments(Model& model) {
  std::vector<SegmentSource> sorted;
  each_reference(model.manifest, [&](std::uint32_t& segment, std::uint64_t) {
    sorted.push_back(std::move(model.segments[segment]));
    segment = static_cast<std::uint32_t>(sorted.size() - 1);
  });
  model.segments = std::move(sorted);
}

}  // namespace

std::uint64_t source_size(const SegmentSource& source) noexcept {
  if (const auto* bytes = std::get_if<std::vector<std::byte>>(&source)) return bytes->size();
  return (*std::get_if<std::shared_ptr<Input>>(&source))->size();
}

Status put_in_order(Model& model) {
  if (Status s = check_indices(model); !s.ok()) return s;
  sort_tensors(model.manifest.tensors);
  std::ranges::stable_sort(model.manifest.metadata, {}, &Metadata::key);
  sort_segments(model);
  return {};
}

}  // namespace mcnc
