// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/safetensors_model.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "mcnc/about.h"

namespace mcnc {
namespace {

namespace fs = std::filesystem;

constexpr char kSingleName[] = "model.safetensors";

bool is_there(const fs::path& path) {
  std::error_code no_matter;
  return fs::exists(path, no_matter);
}

// Why a folder is none of a model: what it holds instead.
Status no_model(const fs::path& folder) {
  std::set<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    names.insert(entry->path().filename().string());
  }
  if (error) return {ErrorCode::kRead, "", error.message()};
  std::string message = "the folder has neither " + std::string(kSingleName) + " nor " + kShardIndexName;
  const auto other =
      std::ranges::find_if(names, [](const std::string& name) { return name.ends_with(".safetensors"); });
  const auto foreign = std::ranges::find_if(names, [](const std::string& name) {
    return name.ends_with(".bin") || name.ends_with(".pt") || name.ends_with(".pth") || name.ends_with(".gguf");
  });
  if (names.contains("adapter_config.json")) {
    message += "; it holds a PEFT adapter, no whole model";
  } else if (other != names.end()) {
    message += "; name a file of it, such as " + *other;
  } else if (foreign != names.end()) {
    message += "; it has " + *foreign + ": save that as safetensors first";
  }
  return {ErrorCode::kRead, "", std::move(message)};
}

// The name of the file or index that stands for a folder.
Result<std::string> name_within(const fs::path& folder) {
  const bool has_index = is_there(folder / kShardIndexName);
  if (!is_there(folder / kSingleName)) {
    if (has_index) return std::string(kShardIndexName);
    return no_model(folder);
  }
  if (!has_index) return std::string(kSingleName);

  const Result<WeightMap> map = read_shard_index(folder / kShardIndexName);
  if (!map.ok()) return in_file(kShardIndexName, map.status());
  std::set<std::string> names;
  for (const auto& [tensor, name] : *map) names.insert(name);
  if (names == std::set<std::string>{kSingleName}) return std::string(kShardIndexName);
  for (const std::string& name : names) {
    if (!is_there(folder / name)) return std::string(kSingleName);
  }
  return Status(ErrorCode::kArgument, "",
                "the folder has both " + std::string(kSingleName) + " and " + kShardIndexName +
                    ", with all files of the index: name the one that is meant, or remove the other");
}

}  // namespace

Result<SafetensorsModel> SafetensorsModel::open(const std::string& path) {
  std::error_code no_matter;
  if (fs::is_directory(path, no_matter)) {
    const Result<std::string> name = name_within(path);
    if (!name.ok()) return name.status();
    Result<SafetensorsModel> model = open(fs::path(path) / *name);
    if (!model.ok()) return in_file(*name, model.status());
    return model;
  }
  if (fs::path(path).extension() == ".json") return open_index(path);
  SafetensorsModel model;
  if (Status s = model.add(SafetensorsReader::open(path)); !s.ok()) return s;
  return model;
}

Result<SafetensorsModel> SafetensorsModel::open_shards(std::vector<NamedInput> shards) {
  if (shards.empty()) return Status(ErrorCode::kArgument, "", "there are no shards to open");
  SafetensorsModel model;
  std::vector<std::string> names;
  for (NamedInput& shard : shards) {
    if (Status s = model.add(SafetensorsReader::open(std::move(shard.input))); !s.ok()) return in_file(shard.name, s);
    names.push_back(shard.name);
  }
  if (Status s = model.check_identity(names); !s.ok()) return s;
  return model;
}

Result<SafetensorsModel> SafetensorsModel::open_index(const std::string& index) {
  const Result<WeightMap> map = read_shard_index(index);
  if (!map.ok()) return map.status();
  std::set<std::string> unique;
  for (const auto& [tensor, name] : *map) unique.insert(name);
  if (unique.empty()) return Status(ErrorCode::kLayout, "", "the index lists no tensors");
  const std::vector<std::string> names(unique.begin(), unique.end());
  SafetensorsModel model;
  for (const std::string& name : names) {
    Result<SafetensorsReader> file = SafetensorsReader::open(fs::path(index).parent_path() / name);
    if (Status s = model.add(std::move(file)); !s.ok()) return in_file(name, s);
  }
  if (Status s = model.check_listed(*map, names); !s.ok()) return s;
  if (Status s = model.check_identity(names); !s.ok()) return s;
  return model;
}

// names: of the files, in their order.
Status SafetensorsModel::check_listed(const WeightMap& map, const std::vector<std::string>& names) const {
  for (const auto& [tensor, name] : map) {
    const auto found = by_name_.find(tensor);
    if (found == by_name_.end()) return {ErrorCode::kLayout, "", name + " has no tensor " + tensor};
    if (names[found->second.file] != name) {
      return {ErrorCode::kLayout, "",
              "the index has tensor " + tensor + " in " + name + ", but it is in " + names[found->second.file]};
    }
  }
  return {};
}

// Files that `mcnc decode` wrote together say so. A folder where that failed or was interrupted may hold a mixture.
Status SafetensorsModel::check_identity(const std::vector<std::string>& names) const {
  const auto identity_of = [this](std::size_t file) {
    const auto entry = files_[file].metadata().find(kIdentityKey);
    return entry == files_[file].metadata().end() ? std::string() : entry->second;
  };
  for (std::size_t i = 1; i < files_.size(); ++i) {
    if (identity_of(i) == identity_of(0)) continue;
    return {ErrorCode::kLayout, "",
            "the shards " + names[0] + " and " + names[i] + " are of different models: they differ in " + kIdentityKey};
  }
  return {};
}

Status SafetensorsModel::add(Result<SafetensorsReader> file) {
  if (!file.ok()) return file.status();
  files_.push_back(*std::move(file));
  for (const SafetensorsTensor& tensor : files_.back().tensors()) {
    if (!by_name_.emplace(tensor.name, Place{files_.size() - 1, &tensor}).second) {
      return {ErrorCode::kLayout, "", "tensor " + tensor.name + " is in another file too"};
    }
  }
  return {};
}

std::vector<const SafetensorsTensor*> SafetensorsModel::tensors() const {
  std::vector<const SafetensorsTensor*> tensors;
  for (const SafetensorsReader& file : files_) {
    for (const SafetensorsTensor& tensor : file.tensors()) tensors.push_back(&tensor);
  }
  return tensors;
}

const SafetensorsTensor* SafetensorsModel::find(const std::string& name) const noexcept {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second.tensor;
}

Status SafetensorsModel::read(const SafetensorsTensor& tensor, std::uint64_t first, std::span<std::byte> out) noexcept {
  return files_[by_name_.find(tensor.name)->second.file].read(tensor, first, out);
}

}  // namespace mcnc
