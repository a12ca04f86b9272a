// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_COMMON_SAFETENSORS_MODEL_H_
#define MCNC_TOOLS_COMMON_SAFETENSORS_MODEL_H_

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "common/safetensors.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// A model in one safetensors file or in several shards, as if it were one.
class SafetensorsModel {
 public:
  // path: a safetensors file; an index of shards, *.json; or a folder, where the index or else model.safetensors is
  // looked for. Every file is opened, and no tensor may be in two.
  static Result<SafetensorsModel> open(const std::string& path);

  // In the order of files and of their bytes.
  std::vector<const SafetensorsTensor*> tensors() const;
  // Of the first file.
  const TextMap& metadata() const noexcept { return files_.front().metadata(); }
  // The tensor called `name`, or nullptr.
  const SafetensorsTensor* find(const std::string& name) const noexcept;

  // The bytes of a tensor of this model from byte `first` on; out: no more than there are.
  Status read(const SafetensorsTensor& tensor, std::uint64_t first, std::span<std::byte> out) noexcept;

 private:
  struct Place {
    std::size_t file;
    const SafetensorsTensor* tensor;
  };

  Status add(const std::string& path);

  std::vector<SafetensorsReader> files_;
  std::map<std::string, Place> by_name_;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_SAFETENSORS_MODEL_H_
