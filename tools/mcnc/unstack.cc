// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "unstack.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace mcnc::tools {
namespace {

constexpr char kPlace = '*';

}  // namespace

std::uint32_t stack_size(const Tensor& tensor) noexcept {
  const auto* generated = std::get_if<Generated>(&tensor.source);
  const bool is_stack = generated != nullptr && std::ranges::count(tensor.name, kPlace) == 1;
  return is_stack ? generated->slices : 1;
}

Tensor unstacked(const Tensor& stack, std::uint32_t slice) {
  const std::uint32_t slices = stack_size(stack);
  Tensor tensor;
  tensor.name = stack.name;
  tensor.dtype = stack.dtype;
  tensor.shape = stack.shape;
  if (slices == 1) return tensor;
  tensor.name.replace(stack.name.find(kPlace), 1, std::to_string(slice));
  tensor.shape.front() /= slices;
  if (tensor.shape.front() == 1) tensor.shape.erase(tensor.shape.begin());
  return tensor;
}

Result<Stacks> find_stacks(std::span<const Tensor* const> tensors) {
  std::uint64_t total = 0;
  for (const Tensor* tensor : tensors) total += stack_size(*tensor);
  if (total > tensors.size() && total > kMaxUnstacked) {
    return Status(ErrorCode::kArgument, "",
                  "its stacks stand for more than " + std::to_string(kMaxUnstacked) + " tensors together");
  }
  Stacks stacks;
  for (const Tensor* tensor : tensors) {
    for (std::uint32_t i = 0; stack_size(*tensor) > 1 && i < stack_size(*tensor); ++i) {
      stacks[tensor].push_back(unstacked(*tensor, i));
    }
  }
  std::set<std::string_view> names;
  for (const Tensor* tensor : unstack(tensors, stacks)) {
    if (!names.insert(tensor->name).second) {
      return Status(ErrorCode::kArgument, "", "unstacked, two of its tensors are called " + tensor->name);
    }
  }
  return stacks;
}

std::vector<const Tensor*> unstack(std::span<const Tensor* const> tensors, const Stacks& stacks) {
  std::vector<const Tensor*> all;
  for (const Tensor* tensor : tensors) {
    const auto stack = stacks.find(tensor);
    if (stack == stacks.end()) {
      all.push_back(tensor);
    } else {
      for (const Tensor& each : stack->second) all.push_back(&each);
    }
  }
  return all;
}

}  // namespace mcnc::tools
