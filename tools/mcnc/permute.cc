// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "permute.h"

#include <cstring>

namespace mcnc::tools {
namespace {

// One dimension of the result.
struct Dimension {
  std::uint64_t size;
  std::size_t step;  // bytes in `from` from one of its elements to the next
};

// outer, inner: the dimensions of the result; `inner` is the last. There are elements.
template <std::size_t kElement>
void copy(const std::byte* from, std::span<const Dimension> outer, Dimension inner, std::span<std::byte> to) {
  std::vector<std::uint64_t> index(outer.size(), 0);
  std::byte* out = to.data();
  for (;;) {
    const std::byte* in = from;
    for (std::uint64_t i = 0; i < inner.size; ++i, in += inner.step, out += kElement) std::memcpy(out, in, kElement);
    std::size_t d = outer.size();
    for (; d > 0; --d) {
      from += outer[d - 1].step;
      if (++index[d - 1] < outer[d - 1].size) break;
      from -= outer[d - 1].size * outer[d - 1].step;
      index[d - 1] = 0;
    }
    if (d == 0) return;
  }
}

}  // namespace

void permute(std::span<const std::byte> from, std::span<const std::uint64_t> shape,
             std::span<const std::uint32_t> order, std::size_t element, std::span<std::byte> to) {
  if (from.empty()) return;
  std::vector<std::size_t> steps(shape.size());
  std::size_t step = element;
  for (std::size_t d = shape.size(); d > 0; --d) {
    steps[d - 1] = step;
    step *= static_cast<std::size_t>(shape[d - 1]);
  }
  std::vector<Dimension> outer;
  for (const std::uint32_t d : order) outer.push_back({shape[d], steps[d]});
  Dimension inner{1, 0};
  if (!outer.empty()) {
    inner = outer.back();
    outer.pop_back();
  }
  switch (element) {
    case 1:
      return copy<1>(from.data(), outer, inner, to);
    case 2:
      return copy<2>(from.data(), outer, inner, to);
    case 4:
      return copy<4>(from.data(), outer, inner, to);
    default:
      return copy<8>(from.data(), outer, inner, to);
  }
}

bool keeps_order(std::span<const std::uint64_t> shape, std::span<const std::uint32_t> order) {
  std::uint32_t least = 0;
  for (const std::uint32_t d : order) {
    if (shape[d] == 1) continue;
    if (d < least) return false;
    least = d;
  }
  return true;
}

}  // namespace mcnc::tools
