// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "checkpoints/base_cost.h"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <variant>

#include "manifest/references.h"
#include "mcnc/checked_math.h"
#include "mcnc/cost.h"

namespace mcnc {
namespace {

// How often each tensor of a file is made.
using Counts = std::vector<Checked>;

// Adds what is made of others: a shared tensor makes its target, a product its factors. The target of a shared tensor
// may be a product; nothing else follows anything.
void add_parts(const Manifest& manifest, Counts& made) {
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (const auto* shared = std::get_if<Shared>(&manifest.tensors[i].source)) made[shared->tensor] += made[i];
  }
  for (std::size_t i = 0; i < made.size(); ++i) {
    const auto* product = std::get_if<Product>(&manifest.tensors[i].source);
    if (product == nullptr) continue;
    made[product->b] += made[i];
    made[product->a] += made[i];
  }
}

}  // namespace

std::optional<Cost> cost_of_bases(const ChainFile& file) {
  Checked multiply_adds = 0;
  Checked scratch = 0;
  std::set<const ChainFile*> opened;
  std::map<const ChainFile*, Counts> level = {{&file, Counts(file.manifest->tensors.size(), 1)}};
  for (int depth = 1; depth <= kMaxChain && !level.empty(); ++depth) {
    std::map<const ChainFile*, Counts> next;
    for (auto& [user, made] : level) {
      add_parts(*user->manifest, made);
      for (std::size_t i = 0; i < made.size(); ++i) {
        const Tensor& tensor = user->manifest->tensors[i];
        const Theta0* theta0 = theta0_of(tensor);
        const auto* start = theta0 != nullptr ? std::get_if<BaseTheta0>(theta0) : nullptr;
        const ChainFile* base = start != nullptr && made[i].value() > 0 ? user->bases[start->base] : nullptr;
        if (base == nullptr) continue;
        const Tensor* from = base->manifest->find(start->tensor.empty() ? tensor.name : start->tensor);
        if (from == nullptr || from->factor) continue;
        Counts& counts = next.try_emplace(base, base->manifest->tensors.size(), 0).first->second;
        counts[static_cast<std::size_t>(from - base->manifest->tensors.data())] += made[i];
        multiply_adds += made[i] * multiply_adds_of(*base->manifest, *from);
        if (opened.insert(base).second) scratch += base->manifest->budget.scratch_bytes;
      }
    }
    level = std::move(next);
  }
  if (multiply_adds.overflowed() || scratch.overflowed()) return std::nullopt;
  return Cost{0, multiply_adds.value(), scratch.value()};
}

}  // namespace mcnc
