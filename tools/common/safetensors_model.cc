// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/safetensors_model.h"

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "common/shard.h"

namespace mcnc::tools {
namespace {

namespace fs = std::filesystem;

Status in_file(const std::string& path, const Status& status) {
  return {status.code(), status.rule(), path + ": " + status.message(), status.offset()};
}

// The file or index that stands for a folder.
fs::path within(const fs::path& folder) {
  std::error_code no_matter;
  const fs::path index = folder / kShardIndexName;
  return fs::exists(index, no_matter) ? index : folder / "model.safetensors";
}

}  // namespace

Result<SafetensorsModel> SafetensorsModel::open(const std::string& path) {
  std::error_code no_matter;
  const fs::path file = fs::is_directory(path, no_matter) ? within(path) : fs::path(path);
  SafetensorsModel model;
  if (file.extension() != ".json") {
    if (Status s = model.add(file); !s.ok()) return s;
    return model;
  }

  const Result<WeightMap> map = read_shard_index(file);
  if (!map.ok()) return map.status();
  std::set<std::string> names;
  for (const auto& [tensor, name] : *map) names.insert(name);
  if (names.empty()) return Status(Code::kLayout, "", "the index lists no tensors");
  for (const std::string& name : names) {
    if (Status s = model.add(file.parent_path() / name); !s.ok()) return in_file(name, s);
  }
  for (const auto& [tensor, name] : *map) {
    if (model.find(tensor) == nullptr) return Status(Code::kLayout, "", name + " has no tensor " + tensor);
  }
  return model;
}

Status SafetensorsModel::add(const std::string& path) {
  Result<SafetensorsReader> file = SafetensorsReader::open(path);
  if (!file.ok()) return file.status();
  files_.push_back(*std::move(file));
  for (const SafetensorsTensor& tensor : files_.back().tensors()) {
    if (!by_name_.emplace(tensor.name, Place{files_.size() - 1, &tensor}).second) {
      return {Code::kLayout, "", "tensor " + tensor.name + " is in another file too"};
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

}  // namespace mcnc::tools
