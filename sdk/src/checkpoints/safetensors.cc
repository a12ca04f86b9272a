// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/safetensors.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "mcnc/checked_math.h"
#include "mcnc/convert.h"
#include "mcnc/little_endian.h"
#include "mcnc/recognize.h"

namespace mcnc {
namespace {

Status malformed(std::string message) {
  return {ErrorCode::kLayout, "", "not a safetensors file: " + std::move(message)};
}

// What open_file returns, without the name of the file in front.
Status without_name(const std::string& path, const Status& status) {
  const std::string name = path + ": ";
  if (!status.message().starts_with(name)) return status;
  return {status.code(), status.rule(), status.message().substr(name.size()), status.offset()};
}

}  // namespace

Result<SafetensorsReader> SafetensorsReader::open(const std::string& path) {
  auto input = open_file(path);
  if (!input.ok()) return without_name(path, input.status());
  return open(*std::move(input));
}

Result<SafetensorsReader> SafetensorsReader::open(std::unique_ptr<Input> input) {
  if (input == nullptr) return Status(ErrorCode::kArgument, "", "there is no input to open");
  SafetensorsReader reader;
  reader.input_ = std::move(input);
  if (Status s = reader.read_header(); !s.ok()) return explain(s, *reader.input_, Wanted::kSafetensors);
  return reader;
}

Status SafetensorsReader::read_header() {
  const std::uint64_t size = input_->size();
  if (size < kHeaderLengthSize) return malformed("it is shorter than 8 bytes");
  std::array<std::byte, kHeaderLengthSize> length_bytes;
  if (Status s = input_->read_at(0, length_bytes); !s.ok()) return s;
  const auto length = load_le<std::uint64_t>(length_bytes.data());
  if (length > size - kHeaderLengthSize) {
    return malformed("its first 8 bytes say that a header of " + std::to_string(length) + " bytes follows, and " +
                     std::to_string(size - kHeaderLengthSize) + " are there");
  }
  if (length > kMaxHeaderBytes) {
    return malformed("a header of " + std::to_string(length) + " bytes is longer than readers accept, which is " +
                     std::to_string(kMaxHeaderBytes));
  }
  std::string text(static_cast<std::size_t>(length), '\0');
  if (Status s = input_->read_at(kHeaderLengthSize, std::as_writable_bytes(std::span(text))); !s.ok()) return s;
  Result<SafetensorsHeader> header = parse_safetensors_header(text);
  if (!header.ok()) {
    const Status& s = header.status();
    return {s.code(), s.rule(), "not a safetensors file: " + s.message(), s.offset()};
  }
  tensors_ = std::move(header->tensors);
  metadata_ = std::move(header->metadata);
  // In the order of their bytes. Empty tensors may share their place with the next one.
  std::ranges::sort(tensors_, {}, [](const auto& tensor) { return std::pair(tensor.offset, tensor.bytes); });

  by_name_.resize(tensors_.size());
  std::iota(by_name_.begin(), by_name_.end(), std::size_t{0});
  const auto name_of = [this](std::size_t index) -> const std::string& { return tensors_[index].name; };
  std::ranges::sort(by_name_, {}, name_of);
  const auto twice = std::ranges::adjacent_find(by_name_, {}, name_of);
  if (twice != by_name_.end()) return malformed("two tensors are called " + name_of(*twice));
  return place_tensors(kHeaderLengthSize + length);
}

// data_start: where offset 0 of the header is in the file.
Status SafetensorsReader::place_tensors(std::uint64_t data_start) {
  const std::uint64_t size = input_->size() - data_start;
  std::uint64_t end = 0;
  for (SafetensorsTensor& tensor : tensors_) {
    const std::string what = "the bytes of tensor " + tensor.name;
    if (tensor.offset != end) {
      return malformed(what + " begin at " + std::to_string(tensor.offset) + " of the data, those before it end at " +
                       std::to_string(end));
    }
    if (tensor.bytes > size - end) {
      return malformed(what + " end at " + std::to_string(end + tensor.bytes) + " of the data, of which " +
                       std::to_string(size) + " bytes are there: the file is cut off");
    }
    tensor.offset += data_start;
    end += tensor.bytes;
  }
  if (end == size) return {};
  return malformed("its tensors end at " + std::to_string(end) + " of the data, which has " + std::to_string(size) +
                   " bytes");
}

const SafetensorsTensor* SafetensorsReader::find(std::string_view name) const noexcept {
  const auto found = std::ranges::lower_bound(
      by_name_, name, {}, [this](std::size_t index) -> std::string_view { return tensors_[index].name; });
  return found != by_name_.end() && tensors_[*found].name == name ? &tensors_[*found] : nullptr;
}

Status SafetensorsReader::read(const SafetensorsTensor& tensor, std::uint64_t first,
                               std::span<std::byte> out) noexcept {
  return input_->read_at(tensor.offset + first, out);
}

Result<std::vector<float>> SafetensorsReader::read_floats(const SafetensorsTensor& tensor) {
  if (!tensor.dtype || !is_float(*tensor.dtype)) {
    return Status(ErrorCode::kArgument, "",
                  "tensor " + tensor.name + " is " + tensor.type + ", none of F32, F16 and BF16");
  }
  std::vector<std::byte> bytes(to_size(tensor.bytes));
  if (Status s = read(tensor, bytes); !s.ok()) return s;
  std::vector<float> values(bytes.size() / size_of(*tensor.dtype));
  widen(bytes, *tensor.dtype, values);
  return values;
}

}  // namespace mcnc
