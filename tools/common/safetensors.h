// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The safetensors file format, both ways, a tensor at a time: 8 bytes of header length, a JSON header, the tensors'
// bytes without holes.
#ifndef MCNC_TOOLS_COMMON_SAFETENSORS_H_
#define MCNC_TOOLS_COMMON_SAFETENSORS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mcnc/input.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::tools {

using TextMap = std::map<std::string, std::string>;

// The order in which the tensors' bytes stand in a file: wider elements first, so that each is aligned to its element
// size, otherwise as given.
std::vector<const Tensor*> safetensors_order(std::span<const Tensor* const> tensors);

// The header of a file with `tensors` in this order, header length and padding included. kArgument where it would be
// longer than readers accept (100 MB).
Result<std::vector<std::byte>> safetensors_header(std::span<const Tensor* const> tensors, const TextMap& metadata);

struct SafetensorsTensor {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::uint64_t> shape;
  std::uint64_t offset = 0;  // from the start of the file
  std::uint64_t bytes = 0;
};

// An open file whose header has been checked: names unique, known dtypes, sizes that follow from the shapes, no holes,
// no overlap, nothing after the last tensor.
class SafetensorsReader {
 public:
  static Result<SafetensorsReader> open(const std::string& path);

  // In the order of their bytes.
  const std::vector<SafetensorsTensor>& tensors() const noexcept { return tensors_; }
  const TextMap& metadata() const noexcept { return metadata_; }
  // The tensor called `name`, or nullptr.
  const SafetensorsTensor* find(std::string_view name) const noexcept;

  // The bytes of the tensor from byte `first` on, little-endian, row-major. out: no more than there are.
  Status read(const SafetensorsTensor& tensor, std::uint64_t first, std::span<std::byte> out) noexcept;
  // out: tensor.bytes bytes.
  Status read(const SafetensorsTensor& tensor, std::span<std::byte> out) noexcept { return read(tensor, 0, out); }
  // An F32, F16 or BF16 tensor, widened exactly. kArgument for other types.
  Result<std::vector<float>> read_floats(const SafetensorsTensor& tensor);

 private:
  std::unique_ptr<Input> input_;
  std::vector<SafetensorsTensor> tensors_;
  TextMap metadata_;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_SAFETENSORS_H_
