// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/inputs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <set>
#include <system_error>
#include <vector>

#include "common/output.h"
#include "mcnc/shard.h"

namespace mcnc::tools {
namespace {

namespace fs = std::filesystem;

// What programs read of a folder, beside the shards that an index lists.
constexpr std::array kNames = {"model.safetensors", kShardIndexName, "adapter_model.safetensors",
                               "adapter_config.json"};

// The files that `input` may be read from.
Result<std::vector<fs::path>> files_of(const fs::path& input) {
  std::error_code no_matter;
  std::vector<fs::path> files = {input};
  if (fs::is_directory(input, no_matter)) {
    files.clear();
    for (const char* name : kNames) files.push_back(input / name);
  }
  const std::size_t named = files.size();
  for (std::size_t i = 0; i < named; ++i) {
    const fs::path folder = files[i].parent_path();
    if (files[i].extension() != ".json" || !fs::is_regular_file(files[i], no_matter)) continue;
    const Result<WeightMap> map = read_shard_index(files[i]);
    if (!map.ok() && map.status().code() != ErrorCode::kLayout) return map.status();
    if (!map.ok()) continue;  // another kind of JSON
    std::set<std::string> shards;
    for (const auto& [tensor, name] : *map) shards.insert(name);
    for (const std::string& name : shards) files.push_back(folder / name);
  }
  return files;
}

}  // namespace

Status check_not_input(const std::string& output, std::span<const std::string> inputs) {
  struct stat replaced = {};
  if (is_stream(output) || ::stat(output.c_str(), &replaced) != 0) return {};
  for (const std::string& input : inputs) {
    const Result<std::vector<fs::path>> files = files_of(input);
    if (!files.ok()) return files.status();
    for (const fs::path& file : *files) {
      struct stat read = {};
      const bool exists = (input == "-" ? ::fstat(STDIN_FILENO, &read) : ::stat(file.c_str(), &read)) == 0;
      if (!exists || read.st_dev != replaced.st_dev || read.st_ino != replaced.st_ino) continue;
      return {ErrorCode::kArgument, "", output + ": the output would replace an input"};
    }
  }
  return {};
}

}  // namespace mcnc::tools
