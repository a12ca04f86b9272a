// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <vector>

#include "manifest/references.h"
#include "manifest/validate_rules.h"
#include "mcnc/names.h"

namespace mcnc::rules {
namespace {

const BaseTheta0* base_of(const Tensor& tensor) {
  const Theta0* theta0 = theta0_of(tensor);
  return theta0 != nullptr ? std::get_if<BaseTheta0>(theta0) : nullptr;
}

}  // namespace

Status base_index(const Manifest& m) {
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const BaseTheta0* theta0 = base_of(m.tensors[i]);
    if (theta0 != nullptr && theta0->base >= m.bases.size()) {
      return refuse("base.index", numbered("tensor", i) + ": no base of that index");
    }
  }
  return {};
}

Status base_name(const Manifest& m) {
  for (std::size_t i = 0; i < m.bases.size(); ++i) {
    if (!is_tensor_name(m.bases[i].name)) {
      return {ErrorCode::kText, "base.name", numbered("base", i) + ": a name is 1 to 1024 bytes of UTF-8, no path"};
    }
  }
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const BaseTheta0* theta0 = base_of(m.tensors[i]);
    if (theta0 != nullptr && !theta0->tensor.empty() && !is_tensor_name(theta0->tensor)) {
      return {ErrorCode::kText, "base.name",
              numbered("tensor", i) + ": its tensor of the base has a name that is not allowed"};
    }
  }
  return {};
}

Status base_use(const Manifest& m) {
  std::vector<bool> used(m.bases.size(), false);
  for (const Tensor& tensor : m.tensors) {
    if (const BaseTheta0* theta0 = base_of(tensor)) used[theta0->base] = true;
  }
  const auto unused = std::ranges::find(used, false);
  if (unused == used.end()) return {};
  return refuse("base.use",
                numbered("base", static_cast<std::size_t>(unused - used.begin())) + " is used by no tensor");
}

}  // namespace mcnc::rules
