// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/safetensors.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "base/checked_math.h"
#include "base/little_endian.h"
#include "tensors/convert.h"

namespace mcnc::tools {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kLengthSize = 8;             // of the header length in front
constexpr std::uint64_t kMaxHeader = 100'000'000;  // what the format's reference reader accepts
constexpr int kMaxDepth = 3;                       // header, tensor, list of numbers
constexpr char kMetadata[] = "__metadata__";

Status malformed(std::string message) { return {Code::kLayout, "", "not a safetensors file: " + std::move(message)}; }

std::optional<DType> dtype_of(std::string_view text) noexcept {
  for (int i = 0; i <= static_cast<int>(DType::kF8E5M2); ++i) {
    if (name(static_cast<DType>(i)) == text) return static_cast<DType>(i);
  }
  return std::nullopt;
}

// The header as JSON: an object without duplicate keys at its top, not deeper than a header is.
Result<json> parse_header(std::span<const std::byte> bytes) {
  std::set<std::string> keys;
  bool sound = true;
  const auto watch = [&](int depth, json::parse_event_t event, const json& parsed) {
    const bool opens = event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
    if (opens && depth >= kMaxDepth) sound = false;
    if (event == json::parse_event_t::key && depth == 1) {
      sound = keys.insert(parsed.get<std::string>()).second && sound;
    }
    return sound;
  };
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  json header = json::parse(text, text + bytes.size(), watch, false);
  if (!sound || !header.is_object()) return malformed("its header is not the JSON it should be");
  return header;
}

// A list of non-negative whole numbers, or nothing.
std::optional<std::vector<std::uint64_t>> numbers(const json& object, const char* key) {
  const auto list = object.find(key);
  if (list == object.end() || !list->is_array()) return std::nullopt;
  if (!std::ranges::all_of(*list, [](const json& item) { return item.is_number_unsigned(); })) return std::nullopt;
  return list->get<std::vector<std::uint64_t>>();
}

// data_start: where offset 0 of the header is in the file.
Result<SafetensorsTensor> parse_tensor(const std::string& name, const json& entry, std::uint64_t data_start) {
  if (!entry.is_object()) return malformed(name + ": no object");
  const auto dtype_text = entry.find("dtype");
  if (dtype_text == entry.end() || !dtype_text->is_string()) return malformed(name + ": no dtype");
  const auto dtype = dtype_of(dtype_text->get<std::string>());
  if (!dtype) return Status(Code::kFeature, "", name + ": dtype " + dtype_text->get<std::string>() + " is not known");
  auto shape = numbers(entry, "shape");
  const auto offsets = numbers(entry, "data_offsets");
  if (!shape || !offsets || offsets->size() != 2 || (*offsets)[0] > (*offsets)[1]) {
    return malformed(name + ": no shape or no data_offsets");
  }

  Checked bytes(size_of(*dtype));
  for (const std::uint64_t dimension : *shape) bytes *= dimension;
  const std::uint64_t length = (*offsets)[1] - (*offsets)[0];
  const Checked start = Checked(data_start) + (*offsets)[0];
  if (bytes.overflowed() || bytes.value() != length || start.overflowed()) {
    return malformed(name + ": its shape does not take the bytes it has");
  }
  return SafetensorsTensor{name, *dtype, *std::move(shape), start.value(), length};
}

}  // namespace

std::vector<const Tensor*> safetensors_order(std::span<const Tensor* const> tensors) {
  std::vector<const Tensor*> ordered(tensors.begin(), tensors.end());
  std::ranges::stable_sort(ordered, std::greater{}, [](const Tensor* tensor) { return size_of(tensor->dtype); });
  return ordered;
}

Result<std::vector<std::byte>> safetensors_header(std::span<const Tensor* const> tensors, const TextMap& metadata) {
  ordered_json header = ordered_json::object();
  if (!metadata.empty()) header[kMetadata] = metadata;
  std::uint64_t offset = 0;
  for (const Tensor* tensor : tensors) {
    const std::uint64_t end = offset + tensor->bytes();
    header[tensor->name] = {{"dtype", name(tensor->dtype)}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }

  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > kMaxHeader) {
    return Status(Code::kArgument, "", "names and metadata are too long for a safetensors header");
  }
  std::vector<std::byte> bytes(kLengthSize + text.size());
  store_le(bytes.data(), std::uint64_t{text.size()});
  std::ranges::copy(std::as_bytes(std::span(text)), bytes.begin() + kLengthSize);
  return bytes;
}

Result<SafetensorsReader> SafetensorsReader::open(const std::string& path) {
  SafetensorsReader reader;
  auto input = open_file(path);
  if (!input.ok()) return input.status();
  reader.input_ = *std::move(input);

  const std::uint64_t size = reader.input_->size();
  if (size < kLengthSize) return malformed("it is shorter than 8 bytes");
  std::array<std::byte, kLengthSize> length_bytes;
  if (Status s = reader.input_->read_at(0, length_bytes); !s.ok()) return s;
  const auto header_length = load_le<std::uint64_t>(length_bytes.data());
  if (header_length > kMaxHeader || header_length > size - kLengthSize) {
    return malformed("a header of " + std::to_string(header_length) + " bytes does not fit");
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(header_length));
  if (Status s = reader.input_->read_at(kLengthSize, bytes); !s.ok()) return s;
  const Result<json> header = parse_header(bytes);
  if (!header.ok()) return header.status();

  for (const auto& [key, entry] : header->items()) {
    if (key == kMetadata) {
      if (!entry.is_object()) return malformed("its metadata is no object");
      for (const auto& [name, text] : entry.items()) {
        if (!text.is_string()) return malformed("its metadata is not all text");
        reader.metadata_[name] = text.get<std::string>();
      }
      continue;
    }
    Result<SafetensorsTensor> tensor = parse_tensor(key, entry, kLengthSize + header_length);
    if (!tensor.ok()) return tensor.status();
    reader.tensors_.push_back(*std::move(tensor));
  }

  // Empty tensors may share their place with the next one.
  std::ranges::sort(reader.tensors_, {}, [](const auto& tensor) { return std::pair(tensor.offset, tensor.bytes); });
  std::uint64_t end = kLengthSize + header_length;
  for (const SafetensorsTensor& tensor : reader.tensors_) {
    if (tensor.offset != end || tensor.bytes > size - end) {
      return malformed(tensor.name + ": not where the tensor before it ends, or beyond the file");
    }
    end += tensor.bytes;
  }
  if (end != size) return malformed("its tensors end at byte " + std::to_string(end) + ", not where the file ends");
  return reader;
}

const SafetensorsTensor* SafetensorsReader::find(std::string_view name) const noexcept {
  const auto tensor = std::ranges::find(tensors_, name, &SafetensorsTensor::name);
  return tensor == tensors_.end() ? nullptr : &*tensor;
}

Status SafetensorsReader::read(const SafetensorsTensor& tensor, std::uint64_t first,
                               std::span<std::byte> out) noexcept {
  return input_->read_at(tensor.offset + first, out);
}

Result<std::vector<float>> SafetensorsReader::read_floats(const SafetensorsTensor& tensor) {
  if (tensor.dtype != DType::kF32 && tensor.dtype != DType::kF16 && tensor.dtype != DType::kBf16) {
    return Status(Code::kArgument, "", tensor.name + ": " + std::string(name(tensor.dtype)) + " is no float type");
  }
  std::vector<std::byte> bytes(to_size(tensor.bytes));
  if (Status s = read(tensor, bytes); !s.ok()) return s;
  std::vector<float> values(bytes.size() / size_of(tensor.dtype));
  widen(bytes, tensor.dtype, values);
  return values;
}

}  // namespace mcnc::tools
