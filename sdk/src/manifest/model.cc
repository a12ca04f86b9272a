// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "mcnc/manifest.h"

namespace mcnc {

std::size_t size_of(DType dtype) noexcept {
  switch (dtype) {
    case DType::kF64:
    case DType::kI64:
    case DType::kU64:
      return 8;
    case DType::kF32:
    case DType::kI32:
    case DType::kU32:
      return 4;
    case DType::kF16:
    case DType::kBf16:
    case DType::kI16:
    case DType::kU16:
      return 2;
    case DType::kI8:
    case DType::kU8:
    case DType::kBool:
    case DType::kF8E4M3:
    case DType::kF8E5M2:
      return 1;
  }
  return 0;
}

std::size_t size_of(AlphaType type) noexcept {
  switch (type) {
    case AlphaType::kInt8:
      return 1;
    case AlphaType::kF32:
      return 4;
    case AlphaType::kInt16:
    case AlphaType::kF16:
    case AlphaType::kBf16:
      return 2;
  }
  return 0;
}

std::size_t size_of(BetaType type) noexcept {
  switch (type) {
    case BetaType::kF32:
      return 4;
    case BetaType::kF16:
    case BetaType::kBf16:
      return 2;
  }
  return 0;
}

std::string_view name(DType dtype) noexcept {
  switch (dtype) {
    case DType::kF32:
      return "F32";
    case DType::kF16:
      return "F16";
    case DType::kBf16:
      return "BF16";
    case DType::kF64:
      return "F64";
    case DType::kI8:
      return "I8";
    case DType::kI16:
      return "I16";
    case DType::kI32:
      return "I32";
    case DType::kI64:
      return "I64";
    case DType::kU8:
      return "U8";
    case DType::kU16:
      return "U16";
    case DType::kU32:
      return "U32";
    case DType::kU64:
      return "U64";
    case DType::kBool:
      return "BOOL";
    case DType::kF8E4M3:
      return "F8_E4M3";
    case DType::kF8E5M2:
      return "F8_E5M2";
  }
  return "?";
}

std::uint64_t Tensor::elements() const noexcept {
  std::uint64_t n = 1;
  for (const std::uint64_t dimension : shape) n *= dimension;
  return n;
}

namespace {

// What has that name: where it is in sorted items, or wherever it is in others.
template <typename Item>
const Item* find_named(const std::vector<Item>& items, std::string Item::*name, std::string_view wanted) noexcept {
  auto it = std::ranges::lower_bound(items, wanted, {}, name);
  if (it == items.end() || (*it).*name != wanted) it = std::ranges::find(items, wanted, name);
  return it != items.end() ? &*it : nullptr;
}

}  // namespace

const Tensor* Manifest::find(std::string_view name) const noexcept { return find_named(tensors, &Tensor::name, name); }

const MetadataValue* Manifest::find_metadata(std::string_view key) const noexcept {
  const Metadata* entry = find_named(metadata, &Metadata::key, key);
  return entry != nullptr ? &entry->value : nullptr;
}

}  // namespace mcnc
