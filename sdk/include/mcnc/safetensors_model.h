// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A model in safetensors files, whether that is one file or several shards with an index. Part of the library
// mcnc-checkpoints. One object belongs to one thread at a time.
#ifndef MCNC_SAFETENSORS_MODEL_H_
#define MCNC_SAFETENSORS_MODEL_H_

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "mcnc/input.h"
#include "mcnc/safetensors.h"
#include "mcnc/shard.h"
#include "mcnc/status.h"

namespace mcnc {

// The metadata key under which `mcnc decode` says which weights a safetensors file came from.
inline constexpr char kIdentityKey[] = "mcnc.weights_identity";

// A model in one safetensors file or in several shards, as if it were one.
class SafetensorsModel {
 public:
  // path: a safetensors file; an index of shards, *.json; or a folder. In a folder model.safetensors is looked for and
  // else the index. Where both are there and all files of the index too, nothing tells which is the newer model, and
  // both are refused by name (kArgument); an index of which files are missing is passed over. Every file is opened. No
  // tensor may be in two of them, each that the index lists must be where it says, and files that say which weights
  // they came from must agree. Messages begin with the name of the file they are about where that is not `path`.
  static Result<SafetensorsModel> open(const std::string& path);
  // The shards of a model, or the only file of one, without an index. At least one, else kArgument; the same rules
  // hold. Messages begin with the name of a shard.
  static Result<SafetensorsModel> open_shards(std::vector<NamedInput> shards);

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

  static Result<SafetensorsModel> open_index(const std::string& index);

  Status add(Result<SafetensorsReader> file);
  Status check_listed(const WeightMap& map, const std::vector<std::string>& names) const;
  Status check_identity(const std::vector<std::string>& names) const;

  std::vector<SafetensorsReader> files_;
  std::map<std::string, Place> by_name_;
};

}  // namespace mcnc

#endif  // MCNC_SAFETENSORS_MODEL_H_
