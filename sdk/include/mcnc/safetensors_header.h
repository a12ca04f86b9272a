// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The header of a safetensors file, both ways: a JSON object that says of each tensor its type, its shape and where its
// bytes are, and may hold texts about the whole file. Part of the library mcnc-checkpoints; all functions are
// thread-safe.
#ifndef MCNC_SAFETENSORS_HEADER_H_
#define MCNC_SAFETENSORS_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

using TextMap = std::map<std::string, std::string>;

constexpr std::size_t kHeaderLengthSize = 8;            // of the header's length, which stands before it
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // what the format's reference reader accepts

// A tensor as a header lists it.
struct SafetensorsTensor {
  std::string name;
  std::string type;            // as the header writes it: F32, F8_E8M0, ...
  std::optional<DType> dtype;  // none where .mcnc files have no such type: its bytes can be copied, not understood
  std::vector<std::uint64_t> shape;
  std::uint64_t offset = 0;  // from where a header's offsets count; in an open file, from the start of the file
  std::uint64_t bytes = 0;

  // "F32 4 x 5"
  std::string type_and_shape() const;
};

struct SafetensorsHeader {
  std::vector<SafetensorsTensor> tensors;  // as the header orders them
  TextMap metadata;
};

// Reads the text of a header, in time that grows as the text does. What the reference reader (the safetensors package
// of PyPI) refuses is refused: anything but one JSON object in UTF-8 that has nothing before or behind it but white
// space; a field that is missing, of another type, or there twice; a size that does not follow from type and shape. So
// are two texts of one name in the metadata, of which that reader keeps the last. Types it does not know are taken,
// whatever their size. Whether the tensors' names differ and their bytes fill the file is for whoever knows the file.
// kLayout.
Result<SafetensorsHeader> parse_safetensors_header(std::string_view text);

// A tensor of a header to be written. What it points to must outlive it.
struct SafetensorsEntry {
  explicit SafetensorsEntry(const Tensor& tensor);
  explicit SafetensorsEntry(const SafetensorsTensor& tensor);

  std::string_view name;
  std::string_view type;
  std::span<const std::uint64_t> shape;
  std::uint64_t bytes;
  std::uint64_t width;  // bytes of an element; 1 where that is not a whole number
};

// The order in which the tensors' bytes stand in a file: wider elements first, so that each is aligned to its element
// size, otherwise as given. The result holds indices of `entries`, or the tensors themselves.
std::vector<std::size_t> safetensors_order(std::span<const SafetensorsEntry> entries);
std::vector<const Tensor*> safetensors_order(std::span<const Tensor* const> tensors);

// The header of a file with these tensors in this order, header length and padding included. kArgument where it would
// be longer than readers accept.
Result<std::vector<std::byte>> safetensors_header(std::span<const SafetensorsEntry> entries, const TextMap& metadata);
Result<std::vector<std::byte>> safetensors_header(std::span<const Tensor* const> tensors, const TextMap& metadata);

}  // namespace mcnc

#endif  // MCNC_SAFETENSORS_HEADER_H_
