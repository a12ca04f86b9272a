// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The tensors that a recipe asks for, in the safetensors files that have them.
#ifndef MCNC_TOOLS_MCNC_IMPORT_ARRAYS_H_
#define MCNC_TOOLS_MCNC_IMPORT_ARRAYS_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mcnc/input.h"
#include "mcnc/manifest.h"
#include "mcnc/safetensors_model.h"
#include "mcnc/status.h"
#include "recipe.h"

namespace mcnc::tools {

// `status` as something about the place `path` of the recipe.
Status at(const std::string& path, const Status& status);
// A mistake of the recipe.
Status mistake(const std::string& path, const std::string& message);

// The largest number that `type` has, of F32, F16 and BF16.
float largest_of(DType type) noexcept;

// A tensor of a safetensors file as the recipe turns it. Of a type that .mcnc files have: see Arrays.
struct Array {
  std::string path;   // of who asks
  std::string label;  // tensor NAME of FILE
  const SafetensorsTensor* tensor = nullptr;
  SafetensorsModel* model = nullptr;
  std::vector<std::uint32_t> order = {};   // of the file's dimensions; empty: elements stand as in the file
  std::vector<std::uint64_t> turned = {};  // the shape, where the recipe transposes or reshapes
  bool is_turned = false;

  DType dtype() const noexcept { return *tensor->dtype; }
  const std::vector<std::uint64_t>& shape() const noexcept { return is_turned ? turned : tensor->shape; }
  // "tensor NAME of FILE is F32 2 x 3"
  std::string description() const;
  // A mistake: what the tensor is, and what was expected.
  Status refuse(const std::string& message) const;

  // All bytes. Transposed ones take twice their size while they are read.
  Result<std::vector<std::byte>> bytes() const;
  // All numbers as float32, exactly: F32, F16, BF16, I8 or I16. Refused where one is not finite or, in magnitude, above
  // `most`; `rule` is the format's for that.
  Result<std::vector<float>> numbers(float most, std::string_view rule) const;
  // Refuses the same, and keeps nothing.
  Status check_numbers(float most, std::string_view rule) const;
  // The bytes, read when they are written: by pieces, or, where they are transposed, all at once, and kept until the
  // last of them has been handed on. `model` must outlive it.
  std::shared_ptr<Input> input() const;
  // The same of an F32, F16 or BF16 tensor as elements of another of these types.
  std::shared_ptr<Input> input_as(DType type) const;
  // Bytes of the file, which are not transposed, from byte `first` on.
  Status read(std::uint64_t first, std::span<std::byte> out) const;

 private:
  using Visit = std::function<void(std::span<const float>)>;
  // In the order of the file.
  Status each_piece(float most, std::string_view rule, const Visit& visit) const;
};

class Arrays {
 public:
  // Files that a recipe names are relative to `folder`.
  explicit Arrays(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // From now on tensors that are asked for without a file are looked for in this one too.
  Status search(const FileRef& file);
  Result<SafetensorsModel*> open(const FileRef& file);
  Result<Array> find(const ArrayRef& ref);
  // Every tensor of a file.
  Result<std::vector<Array>> all(const FileRef& file);
  // What the tensors take in their files that were asked for so far, each counted once.
  std::uint64_t used_bytes() const noexcept { return used_bytes_; }
  std::filesystem::path resolved(const std::string& file) const { return folder_ / file; }
  // Every file that was opened, resolved.
  std::vector<std::string> opened() const;

 private:
  // Counts a tensor of an open file as asked for.
  void use(const SafetensorsTensor& tensor);
  // tensor: the one called ref.tensor.
  Result<Array> turn(const std::string& file, const SafetensorsTensor& tensor, const ArrayRef& ref);
  Status no_tensor(const std::string& place, const ArrayRef& ref, const std::vector<std::string>& files) const;

  std::filesystem::path folder_;
  std::map<std::string, std::unique_ptr<SafetensorsModel>> models_;  // by what they were called
  std::vector<std::string> searched_;
  std::set<const SafetensorsTensor*> used_;
  std::uint64_t used_bytes_ = 0;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_IMPORT_ARRAYS_H_
