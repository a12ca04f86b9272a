// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_COMMON_OUTPUT_SET_H_
#define MCNC_TOOLS_COMMON_OUTPUT_SET_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "common/output.h"
#include "mcnc/atomic_file.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// Files that belong together, such as the shards of a model and their index: on commit all of them appear and those
// they replace are gone, or everything is as it was before.
class OutputSet {
 public:
  OutputSet() = default;
  OutputSet(OutputSet&& other) noexcept;
  OutputSet& operator=(OutputSet&&) = delete;
  // Removes a folder that was made for nothing.
  ~OutputSet();

  // Makes `folder` where there is none; it stays if the set is committed.
  Status make_folder(const std::filesystem::path& folder);
  // A file of the set; `path` and `replace` as of open_output, but never a stream. Its commit() only says that it is
  // whole. The last one opened is what others look for first, such as the index: see commit_together().
  Result<std::unique_ptr<Output>> open(const std::string& path, bool replace);
  // `path` goes away with the commit. One that does not exist is skipped.
  void remove(std::string path) { removed_.push_back(std::move(path)); }

  // All files are whole: makes them appear.
  Status commit();

 private:
  std::filesystem::path made_;  // the folder; empty where there was one
  std::vector<std::unique_ptr<AtomicFile>> files_;
  std::vector<std::string> removed_;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_OUTPUT_SET_H_
