// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/weights_output.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "common/inputs.h"
#include "mcnc/shard.h"

namespace mcnc::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIndexEnding = ".index.json";

bool is_there(const fs::path& path) {
  std::error_code no_matter;
  return fs::exists(fs::symlink_status(path, no_matter));
}

// The files that the index at `path` lists: none where it does not exist or is not an index.
Result<std::set<fs::path>> listed(const fs::path& path) {
  std::set<fs::path> files;
  if (!is_there(path)) return files;
  const Result<WeightMap> map = read_shard_index(path);
  if (!map.ok() && map.status().code() != ErrorCode::kLayout) return map.status();
  if (!map.ok()) return files;
  for (const auto& [tensor, name] : *map) files.insert(path.parent_path() / name);
  return files;
}

Status remove(const fs::path& path, std::span<const std::string> inputs, OutputSet& files) {
  if (Status s = check_not_input(path, inputs); !s.ok()) return s;
  files.remove(path);
  return {};
}

// One file of a set of its own.
class OnlyOutput final : public Output {
 public:
  OnlyOutput(OutputSet files, std::unique_ptr<Output> output) : files_(std::move(files)), output_(std::move(output)) {}

  Status write(std::span<const std::byte> bytes) override { return output_->write(bytes); }
  Status commit() override {
    const Status s = output_->commit();
    return s.ok() ? files_.commit() : s;
  }

 private:
  OutputSet files_;
  std::unique_ptr<Output> output_;
};

}  // namespace

Result<std::unique_ptr<Output>> open_weights(const std::string& path, bool replace,
                                             std::span<const std::string> inputs) {
  if (Status s = check_not_input(path, inputs); !s.ok()) return s;
  const fs::path index = path + std::string(kIndexEnding);
  if (is_stream(path) || !is_there(index)) return open_output(path, replace);
  if (!replace) {
    return Status(ErrorCode::kArgument, "",
                  index.string() + ": exists already, and programs that load the folder would mix up its model with " +
                      path + "; --force removes it and the files it lists");
  }
  OutputSet files;
  if (Status s = remove(index, inputs, files); !s.ok()) return s;
  const Result<std::set<fs::path>> shards = listed(index);
  if (!shards.ok()) return shards.status();
  for (const fs::path& shard : *shards) {
    if (shard == path) continue;
    if (Status s = remove(shard, inputs, files); !s.ok()) return s;
  }
  Result<std::unique_ptr<Output>> output = files.open(path, replace);
  if (!output.ok()) return output;
  return std::unique_ptr<Output>(std::make_unique<OnlyOutput>(std::move(files), *std::move(output)));
}

Status remove_older(const std::string& index, std::span<const std::string> shards, bool replace,
                    std::span<const std::string> inputs, OutputSet& files) {
  Result<std::set<fs::path>> older = listed(index);
  if (!older.ok()) return older.status();
  for (const std::string& shard : shards) older->erase(shard);
  const fs::path single = index.substr(0, index.size() - kIndexEnding.size());
  if (is_there(single)) {
    if (!replace) {
      return {
          ErrorCode::kArgument, "",
          single.string() +
              ": exists already, and programs that load the folder would take it for the model; --force removes it"};
    }
    older->insert(single);
  }
  for (const fs::path& path : *older) {
    if (Status s = remove(path, inputs, files); !s.ok()) return s;
  }
  return {};
}

}  // namespace mcnc::tools
