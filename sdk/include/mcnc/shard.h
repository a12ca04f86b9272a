// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A model in several safetensors files, as Hugging Face names and lists them: model-00001-of-00002.safetensors, ...,
// and an index that says which tensor is where. Part of the library mcnc-checkpoints; all functions are thread-safe.
#ifndef MCNC_SHARD_H_
#define MCNC_SHARD_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

inline constexpr char kShardIndexName[] = "model.safetensors.index.json";
inline constexpr std::uint32_t kMaxShards = 99'999;  // what the names have room for

// Tensor to the name of its file.
using WeightMap = std::map<std::string, std::string>;

// shard: from 0.
std::string shard_name(std::uint32_t shard, std::uint32_t shards);

// Parts of `tensors`, in their order, of about equal bytes: one a shard, some perhaps empty. Depends on nothing but
// the arguments, so that machines that each write one shard agree.
std::vector<std::span<const Tensor* const>> split(std::span<const Tensor* const> tensors, std::uint32_t shards);

// The text of the index of what split() returned. metadata: of the model, beside its size.
std::string shard_index_text(std::span<const std::span<const Tensor* const>> parts,
                             const std::map<std::string, std::string>& metadata);

// What an index lists: file names, never paths. kLayout where it is none.
Result<WeightMap> read_shard_index(const std::string& path);

}  // namespace mcnc

#endif  // MCNC_SHARD_H_
