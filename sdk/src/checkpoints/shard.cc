// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/shard.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "checkpoints/json.h"
#include "mcnc/input.h"
#include "mcnc/recognize.h"

namespace mcnc {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxIndex = 100'000'000;  // bytes, as of a safetensors header
constexpr std::size_t kMaxDepth = 16;             // far more than an index has

Status malformed(const std::string& message) { return {ErrorCode::kLayout, "", "not an index of shards: " + message}; }

bool is_file_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find_first_of(std::string_view("/\\\0", 3)) == name.npos;
}

// Tensor to file, of what split() returned.
WeightMap weight_map(std::span<const std::span<const Tensor* const>> parts) {
  WeightMap map;
  for (std::uint32_t i = 0; i < parts.size(); ++i) {
    const std::string file = shard_name(i, static_cast<std::uint32_t>(parts.size()));
    for (const Tensor* tensor : parts[i]) map[tensor->name] = file;
  }
  return map;
}

}  // namespace

std::string shard_name(std::uint32_t shard, std::uint32_t shards) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "model-%05u-of-%05u.safetensors", shard + 1, shards);
  return text.data();
}

std::vector<std::span<const Tensor* const>> split(std::span<const Tensor* const> tensors, std::uint32_t shards) {
  std::uint64_t total = 0;
  for (const Tensor* tensor : tensors) total += tensor->bytes();
  const std::uint64_t share = std::max<std::uint64_t>(total / shards + (total % shards != 0), 1);

  // A tensor belongs where its middle falls.
  std::vector<std::span<const Tensor* const>> parts(shards);
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::uint64_t bytes = tensors[i]->bytes();
    std::span<const Tensor* const>& part = parts[std::min<std::uint64_t>((begin + bytes / 2) / share, shards - 1)];
    part = tensors.subspan(i - part.size(), part.size() + 1);
    begin += bytes;
  }
  return parts;
}

std::string shard_index_text(std::span<const std::span<const Tensor* const>> parts,
                             const std::map<std::string, std::string>& metadata) {
  std::uint64_t total = 0;
  for (const auto& part : parts) {
    for (const Tensor* tensor : part) total += tensor->bytes();
  }
  json about = metadata;
  about["total_size"] = total;
  const json index = {{"metadata", std::move(about)}, {"weight_map", weight_map(parts)}};
  return index.dump(2) + "\n";
}

Result<WeightMap> read_shard_index(const std::string& path) {
  const auto input = open_file(path);
  if (!input.ok()) return input.status();
  const std::uint64_t size = (*input)->size();
  if (size > kMaxIndex) return malformed("it is too long");
  std::string text(static_cast<std::size_t>(size), '\0');
  if (Status s = (*input)->read_at(0, std::as_writable_bytes(std::span(text))); !s.ok()) return s;

  const Result<json> index = parse_json(text, kMaxDepth);
  if (!index.ok()) {
    return explain(malformed(index.status().message()),
                   std::as_bytes(std::span(text)).first(std::min(text.size(), kRecognizedBytes)), Wanted::kSafetensors);
  }
  if (!index->is_object()) return malformed("no JSON object");
  const auto listed = index->find("weight_map");
  if (listed == index->end() || !listed->is_object()) return malformed("no weight_map");
  WeightMap map;
  for (const auto& [tensor, file] : listed->items()) {
    if (!file.is_string() || !is_file_name(file.get_ref<const std::string&>())) {
      return malformed("tensor " + tensor + " is in no file beside the index");
    }
    map.emplace_hint(map.end(), tensor, file.get_ref<const std::string&>());
  }
  return map;
}

}  // namespace mcnc
