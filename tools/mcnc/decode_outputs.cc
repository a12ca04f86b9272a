// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decode_outputs.h"

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "common/escape.h"
#include "common/inputs.h"
#include "common/output_set.h"
#include "common/weights_output.h"
#include "describe.h"
#include "mcnc/file.h"
#include "mcnc/input.h"
#include "mcnc/safetensors.h"
#include "mcnc/safetensors_model.h"
#include "mcnc/shard.h"
#include "output_sink.h"
#include "safetensors_metadata.h"

namespace mcnc::tools {
namespace {

namespace fs = std::filesystem;

Status usage(std::string message) { return {ErrorCode::kArgument, "", std::move(message)}; }

// Whether there is a file at `path` that holds exactly `text`.
Result<bool> holds(const std::string& path, const std::string& text) {
  std::error_code no_matter;
  if (!fs::exists(path, no_matter)) return false;
  const auto input = open_file(path);
  if (!input.ok()) return input.status();
  if ((*input)->size() != text.size()) return false;
  std::string bytes(text.size(), '\0');
  if (Status s = (*input)->read_at(0, std::as_writable_bytes(std::span(bytes))); !s.ok()) return s;
  return bytes == text;
}

// The shards of one model, and the folder they go to.
class Shards {
 public:
  Shards(std::span<const Tensor* const> selected, const Decoding& work)
      : work_(work),
        folder_(*work.options.output),
        index_(folder_ / kShardIndexName),
        parts_(split(selected, work.options.shards)) {
    std::vector<std::vector<const Tensor*>> listed;
    for (const auto& part : parts_) listed.push_back(unstack(part, work.stacks));
    index_text_ = shard_index_text(std::vector<std::span<const Tensor* const>>(listed.begin(), listed.end()),
                                   {{kIdentityKey, to_hex(work.manifest.weights_identity)}});
    for (std::uint32_t i = 0; i < work.options.shards; ++i)
      paths_.push_back(folder_ / shard_name(i, work.options.shards));
  }

  Status write_all();
  Status write_one(std::uint32_t shard);  // from 0

 private:
  // That nothing in the folder belongs to another model, unless it may be replaced.
  Status check(OutputSet& files);
  // `header`: of header_for(parts_[shard]).
  Status write(std::uint32_t shard, std::span<const std::byte> header, OutputSet& files);
  Status write_index(OutputSet& files);
  // The shards in the folder, other than `shard`, that are of another model than this.
  Result<std::vector<std::string>> foreign(std::uint32_t shard) const;

  const Decoding& work_;
  fs::path folder_;
  std::string index_;
  std::vector<std::span<const Tensor* const>> parts_;
  std::string index_text_;
  std::vector<std::string> paths_;
};

Status Shards::check(OutputSet& files) {
  const bool force = work_.options.force;
  if (Status s = check_not_input(index_, work_.inputs); !s.ok()) return s;
  std::error_code no_matter;
  const Result<bool> same = holds(index_, index_text_);
  if (!same.ok()) return same.status();
  // Every writer of a shard writes the same index, so that one of the same text is not another model's.
  if (!force && fs::exists(index_, no_matter) && !*same) {
    return usage(index_ + ": exists already and is of another model; --force replaces it");
  }
  return remove_older(index_, paths_, force, work_.inputs, files);
}

Status Shards::write(std::uint32_t shard, std::span<const std::byte> header, OutputSet& files) {
  if (Status s = check_not_input(paths_[shard], work_.inputs); !s.ok()) return s;
  auto output = files.open(paths_[shard], work_.options.force);
  if (!output.ok()) return output.status();
  return decode_to(**output, header, parts_[shard], work_);
}

Status Shards::write_index(OutputSet& files) {
  // Of another writer, it is the same.
  auto output = files.open(index_, true);
  if (!output.ok()) return output.status();
  if (Status s = (*output)->write(std::as_bytes(std::span(index_text_))); !s.ok()) return s;
  return (*output)->commit();
}

Result<std::vector<std::string>> Shards::foreign(std::uint32_t shard) const {
  const std::string identity = to_hex(work_.manifest.weights_identity);
  std::vector<std::string> foreign;
  std::error_code no_matter;
  for (std::uint32_t i = 0; i < paths_.size(); ++i) {
    if (i == shard || !fs::exists(paths_[i], no_matter)) continue;
    const Result<SafetensorsReader> other = SafetensorsReader::open(paths_[i]);
    if (!other.ok() && exit_code(other.status().code()) == exit_code(ErrorCode::kRead)) return other.status();
    const bool is_ours =
        other.ok() && other->metadata().contains(kIdentityKey) && other->metadata().at(kIdentityKey) == identity;
    if (!is_ours) foreign.push_back(paths_[i]);
  }
  return foreign;
}

Status Shards::write_all() {
  OutputSet files;
  if (Status s = check(files); !s.ok()) return s;
  std::vector<std::vector<std::byte>> headers;
  for (const auto& part : parts_) {
    Result<std::vector<std::byte>> header = header_for(part, work_);
    if (!header.ok()) return header.status();
    headers.push_back(*std::move(header));
  }
  if (Status s = files.make_folder(folder_); !s.ok()) return s;
  for (std::uint32_t i = 0; i < paths_.size(); ++i) {
    if (Status s = write(i, headers[i], files); !s.ok()) return s;
  }
  if (Status s = write_index(files); !s.ok()) return s;
  return files.commit();
}

Status Shards::write_one(std::uint32_t shard) {
  OutputSet files;
  if (Status s = check(files); !s.ok()) return s;
  Result<std::vector<std::string>> others = foreign(shard);
  if (!others.ok()) return others.status();
  if (!others->empty() && !work_.options.force) {
    return usage(others->front() + ": exists already and is of another model; --force goes on beside it");
  }
  const Result<std::vector<std::byte>> header = header_for(parts_[shard], work_);
  if (!header.ok()) return header.status();
  if (Status s = files.make_folder(folder_); !s.ok()) return s;
  if (Status s = write(shard, *header, files); !s.ok()) return s;
  if (others->empty()) {
    if (Status s = write_index(files); !s.ok()) return s;
    return files.commit();
  }

  OutputSet index;
  if (Status s = write_index(index); !s.ok()) return s;
  files.remove(index_);
  if (Status s = files.commit(); !s.ok()) return s;
  // Looked at once more, and only now: of several writers that replace an older model at the same time, the last one
  // finds no shard of it.
  others = foreign(shard);
  if (!others.ok()) return others.status();
  if (others->empty()) return index.commit();
  std::fprintf(stderr, "%s: %s: not written, because shards there are still of another model, such as %s\n", kProgram,
               escape(index_).c_str(), escape(others->front()).c_str());
  return {};
}

}  // namespace

Result<std::vector<std::byte>> header_for(std::span<const Tensor* const> selected, const Decoding& work) {
  if (work.options.raw) return std::vector<std::byte>();
  return safetensors_header(unstack(safetensors_order(selected), work.stacks), safetensors_metadata(work.manifest));
}

Status decode_to(Output& output, std::span<const std::byte> header, std::span<const Tensor* const> selected,
                 const Decoding& work) {
  if (Status s = output.write(header); !s.ok()) return s;
  WatchedOutput watched(output, work.progress);
  OutputSink sink(watched);
  for (const Tensor* tensor : safetensors_order(selected)) {
    const auto index = static_cast<std::size_t>(tensor - work.manifest.tensors.data());
    if (Status s = work.decoder.decode(index, sink); !s.ok()) return s;
  }
  return output.commit();
}

Status decode_shards(std::span<const Tensor* const> selected, const Decoding& work) {
  Shards shards(selected, work);
  return work.options.shard == 0 ? shards.write_all() : shards.write_one(work.options.shard - 1);
}

}  // namespace mcnc::tools
