// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A safetensors file that is read a tensor at a time: 8 bytes of header length, a JSON header, the tensors' bytes
// without holes. Part of the library mcnc-checkpoints. One object belongs to one thread at a time.
#ifndef MCNC_SAFETENSORS_H_
#define MCNC_SAFETENSORS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mcnc/input.h"
#include "mcnc/safetensors_header.h"
#include "mcnc/status.h"

namespace mcnc {

// An open file whose header has been checked: names unique, sizes that follow from the shapes, no holes, no overlap,
// nothing after the last tensor.
class SafetensorsReader {
 public:
  // Messages do not name the file. Where it is not a safetensors file they say what it is instead, if that can be told.
  static Result<SafetensorsReader> open(const std::string& path);
  // The same of what is open already, which is kept. kArgument for nullptr.
  static Result<SafetensorsReader> open(std::unique_ptr<Input> input);

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
  Status read_header();
  Status place_tensors(std::uint64_t data_start);

  std::unique_ptr<Input> input_;
  std::vector<SafetensorsTensor> tensors_;
  std::vector<std::size_t> by_name_;  // indices of tensors_, in the order of their names
  TextMap metadata_;
};

}  // namespace mcnc

#endif  // MCNC_SAFETENSORS_H_
