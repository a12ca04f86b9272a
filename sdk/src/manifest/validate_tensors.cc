// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "manifest/references.h"
#include "manifest/validate_rules.h"
#include "mcnc/checked_math.h"
#include "mcnc/names.h"
#include "mcnc/ranges.h"

namespace mcnc::rules {

Status tensor_name(const Manifest& m) {
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    if (!is_tensor_name(m.tensors[i].name)) {
      return {ErrorCode::kText, "tensor.name",
              numbered("tensor", i) + ": a name is 1 to 1024 bytes of UTF-8 without control characters, no path"};
    }
  }
  return {};
}

Status tensor_order(const Manifest& m) {
  for (std::size_t i = 1; i < m.tensors.size(); ++i) {
    if (m.tensors[i - 1].name >= m.tensors[i].name) {
      return refuse("tensor.order", numbered("tensor", i) + ": names must be unique and in ascending order");
    }
  }
  return {};
}

Status tensor_shape(const Manifest& m) {
  constexpr std::size_t kMaxDimensions = 16;
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 60;
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const Tensor& tensor = m.tensors[i];
    Checked bytes = size_of(tensor.dtype);
    for (const std::uint64_t dimension : tensor.shape) bytes *= std::max<std::uint64_t>(dimension, 1);
    if (tensor.shape.size() > kMaxDimensions || bytes.value() >= kLimit) {
      return refuse("tensor.shape", numbered("tensor", i) + ": more than 16 dimensions or 2^60 bytes");
    }
  }
  return {};
}

Status tensor_generated(const Manifest& m) {
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const auto* generated = std::get_if<Generated>(&m.tensors[i].source);
    if (generated == nullptr) continue;
    if (!is_float(m.tensors[i].dtype) || m.tensors[i].elements() == 0 || generated->codes >= m.codes.size()) {
      return refuse("tensor.generated",
                    numbered("tensor", i) + ": a generated tensor is f32, f16 or bf16, not empty, and has codes");
    }
  }
  return {};
}

Status tensor_slices(const Manifest& m) {
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const auto* generated = std::get_if<Generated>(&m.tensors[i].source);
    if (generated == nullptr || generated->slices == 1) continue;
    const std::vector<std::uint64_t>& shape = m.tensors[i].shape;
    const std::uint64_t d = m.generators[m.codes[generated->codes].generator].chunk_dim();
    if (generated->slices == 0 || shape.empty() || shape.front() % generated->slices != 0 ||
        generated->first_element % d != 0) {
      return refuse("tensor.slices", numbered("tensor", i) +
                                         ": slices are equal parts of the first dimension, at least one, and several "
                                         "start at a chunk");
    }
  }
  return {};
}

Status tensor_theta0(const Manifest& m) {
  const auto allowed = [](const Theta0& theta0) {
    if (const auto* constant = std::get_if<Constant>(&theta0)) return std::fabs(constant->value) <= kMaxTheta0;
    if (const auto* uniform = std::get_if<Uniform>(&theta0)) return uniform->scale > 0 && uniform->scale <= kMaxScale;
    if (const auto* stored = std::get_if<StoredTheta0>(&theta0)) return is_float(stored->dtype);
    if (const auto* base = std::get_if<BaseTheta0>(&theta0)) return is_float(base->dtype);
    return true;
  };
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const Theta0* theta0 = theta0_of(m.tensors[i]);
    if (theta0 != nullptr && !allowed(*theta0)) {
      return {ErrorCode::kValue, "tensor.theta0", numbered("tensor", i) + ": theta0 is not a finite number in range"};
    }
  }
  return {};
}

Status tensor_stream(const Manifest& m) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> streams;
  for (const Tensor& tensor : m.tensors) {
    const Theta0* theta0 = theta0_of(tensor);
    const auto* uniform = theta0 != nullptr ? std::get_if<Uniform>(theta0) : nullptr;
    if (uniform != nullptr) streams.emplace_back(uniform->seed, uniform->stream);
  }
  std::ranges::sort(streams);
  if (std::ranges::adjacent_find(streams) == streams.end()) return {};
  return refuse("tensor.stream", "two tensors draw theta0 from the same random stream");
}

Status tensor_shared(const Manifest& m) {
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const Tensor& tensor = m.tensors[i];
    const auto* shared = std::get_if<Shared>(&tensor.source);
    if (shared == nullptr) continue;
    const Tensor* target = shared->tensor < m.tensors.size() ? &m.tensors[shared->tensor] : nullptr;
    if (target == nullptr || std::holds_alternative<Shared>(target->source) || target->factor ||
        target->dtype != tensor.dtype || target->shape != tensor.shape) {
      return refuse("tensor.shared",
                    numbered("tensor", i) + ": shares a tensor that is missing, shared itself, or of other shape");
    }
    if (target->digest != tensor.digest) {
      return refuse("tensor.shared", numbered("tensor", i) + ": shares a tensor of another digest");
    }
  }
  return {};
}

// B (rows, rank) times A (rank, columns).
Status tensor_product(const Manifest& m) {
  const auto factor = [&](std::uint32_t index) -> const Tensor* {
    if (index >= m.tensors.size()) return nullptr;
    const Tensor& tensor = m.tensors[index];
    const bool made = std::holds_alternative<Generated>(tensor.source) || std::holds_alternative<Stored>(tensor.source);
    return made && is_float(tensor.dtype) && tensor.shape.size() == 2 ? &tensor : nullptr;
  };
  std::vector<bool> used(m.tensors.size(), false);
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const Tensor& tensor = m.tensors[i];
    const auto* product = std::get_if<Product>(&tensor.source);
    if (product == nullptr) continue;
    const Tensor* b = factor(product->b);
    const Tensor* a = factor(product->a);
    const bool fits_shape = b != nullptr && a != nullptr && tensor.shape.size() == 2 &&
                            tensor.shape[0] == b->shape[0] && b->shape[1] == a->shape[0] &&
                            tensor.shape[1] == a->shape[1] && b->shape[1] >= 1 && b->shape[1] <= kMaxRank &&
                            tensor.elements() > 0;
    if (!fits_shape || !is_float(tensor.dtype) || tensor.factor || !(std::fabs(product->scale) <= kMaxFloat)) {
      return refuse("tensor.product",
                    numbered("tensor", i) + ": not a float product of (rows, rank) and (rank, columns)");
    }
    used[product->b] = used[product->a] = true;
  }
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    if (m.tensors[i].factor && !used[i]) {
      return refuse("tensor.factor", numbered("tensor", i) + " is a factor of no product");
    }
  }
  return {};
}

}  // namespace mcnc::rules
