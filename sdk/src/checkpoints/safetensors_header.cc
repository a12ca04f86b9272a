// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/safetensors_header.h"

#include <algorithm>
#include <array>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "mcnc/little_endian.h"
#include "mcnc/units.h"

namespace mcnc {
namespace {

using nlohmann::json;

constexpr char kMetadata[] = "__metadata__";

// As JSON writes a text.
std::string json_text(std::string_view text) { return json(text).dump(-1, ' ', false, json::error_handler_t::replace); }

void append_list(std::string& text, std::span<const std::uint64_t> numbers) {
  text += '[';
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) text += ',';
    text += std::to_string(numbers[i]);
  }
  text += ']';
}

}  // namespace

std::string SafetensorsTensor::type_and_shape() const { return type + " " + shape_text(shape); }

SafetensorsEntry::SafetensorsEntry(const Tensor& tensor)
    : name(tensor.name),
      type(mcnc::name(tensor.dtype)),
      shape(tensor.shape),
      bytes(tensor.bytes()),
      width(size_of(tensor.dtype)) {}

SafetensorsEntry::SafetensorsEntry(const SafetensorsTensor& tensor)
    : name(tensor.name), type(tensor.type), shape(tensor.shape), bytes(tensor.bytes), width(1) {
  std::uint64_t elements = 1;
  for (const std::uint64_t dimension : shape) elements *= dimension;
  if (tensor.dtype) {
    width = size_of(*tensor.dtype);
  } else if (elements > 0 && bytes % elements == 0) {
    width = bytes / elements;
  }
}

std::vector<std::size_t> safetensors_order(std::span<const SafetensorsEntry> entries) {
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t index) { return entries[index].width; });
  return order;
}

std::vector<const Tensor*> safetensors_order(std::span<const Tensor* const> tensors) {
  std::vector<const Tensor*> ordered(tensors.begin(), tensors.end());
  std::ranges::stable_sort(ordered, std::greater{}, [](const Tensor* tensor) { return size_of(tensor->dtype); });
  return ordered;
}

Result<std::vector<std::byte>> safetensors_header(std::span<const SafetensorsEntry> entries, const TextMap& metadata) {
  // Put together by hand: a JSON object that keeps the order of its keys is searched from the front at every new one.
  std::string text(kHeaderLengthSize, '\0');
  text += '{';
  const auto next = [&text](std::string_view key) {
    if (text.back() != '{') text += ',';
    text += json_text(key) + ':';
  };
  if (!metadata.empty()) {
    next(kMetadata);
    text += '{';
    for (const auto& [key, value] : metadata) {
      next(key);
      text += json_text(value);
    }
    text += '}';
  }
  std::uint64_t offset = 0;
  for (const SafetensorsEntry& entry : entries) {
    next(entry.name);
    text += "{\"dtype\":" + json_text(entry.type) + ",\"shape\":";
    append_list(text, entry.shape);
    text += ",\"data_offsets\":";
    append_list(text, std::array{offset, offset + entry.bytes});
    text += '}';
    offset += entry.bytes;
  }
  text += '}';

  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size() - kHeaderLengthSize;
  if (length > kMaxHeaderBytes) {
    return Status(ErrorCode::kArgument, "", "names and metadata are too long for a safetensors header");
  }
  std::vector<std::byte> bytes(text.size());
  std::ranges::copy(std::as_bytes(std::span(text)), bytes.begin());
  store_le(bytes.data(), length);
  return bytes;
}

Result<std::vector<std::byte>> safetensors_header(std::span<const Tensor* const> tensors, const TextMap& metadata) {
  std::vector<SafetensorsEntry> entries;
  entries.reserve(tensors.size());
  for (const Tensor* tensor : tensors) entries.emplace_back(*tensor);
  return safetensors_header(entries, metadata);
}

}  // namespace mcnc
