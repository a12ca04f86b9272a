// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "commands.h"
#include "common/escape.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/report.h"
#include "common/safetensors.h"
#include "common/shard.h"
#include "common/suggest.h"
#include "describe.h"
#include "mcnc/decoder.h"
#include "mcnc/writer.h"
#include "open.h"
#include "output_sink.h"
#include "unstack.h"

namespace mcnc::tools {
namespace {

// Where a caller finds which weights a safetensors file came from.
constexpr char kIdentityKey[] = "mcnc.weights_identity";

Status usage(std::string message) { return {Code::kArgument, "", std::move(message)}; }

// Where everything goes that is no shard.
Result<std::string> output_path(const DecodeOptions& options) {
  if (options.output) {
    std::error_code no_matter;
    if (std::filesystem::equivalent(options.file, *options.output, no_matter)) {
      return usage("the output would replace the input");
    }
    return *options.output;
  }
  if (::isatty(STDOUT_FILENO) == 0) return std::string("-");
  return usage("weights are not text for a terminal: give a file with --output, or a pipe");
}

// The tensors asked for, each once, in manifest order. A factor must be asked for.
Result<std::vector<const Tensor*>> select(const Manifest& manifest, const DecodeOptions& options) {
  const std::vector<std::string>& names = options.tensors;
  for (const std::string& name : names) {
    if (manifest.find(name) != nullptr) continue;
    std::vector<std::string_view> known;
    for (const Tensor& tensor : manifest.tensors) known.push_back(tensor.name);
    return usage("there is no tensor " + name + suggestion(name, known) + "; mcnc info lists those it has");
  }
  std::vector<const Tensor*> selected;
  for (const Tensor& tensor : manifest.tensors) {
    const bool asked =
        names.empty() ? !tensor.factor || options.factors : std::ranges::find(names, tensor.name) != names.end();
    if (asked) selected.push_back(&tensor);
  }
  return selected;
}

TextMap safetensors_metadata(const Manifest& manifest) {
  TextMap metadata;
  for (const Metadata& entry : manifest.metadata) metadata[entry.key] = text_of(entry.value);
  metadata[kIdentityKey] = to_hex(manifest.weights_identity);
  metadata["format"] = "pt";  // some loaders refuse a file that does not say so
  return metadata;
}

// One output with `selected`, which are tensors of `manifest`. A stack is decoded as one; only its names are many.
Status decode_to(const std::string& path, std::span<const Tensor* const> selected, const Stacks& stacks,
                 const Manifest& manifest, Decoder& decoder, const DecodeOptions& options) {
  auto output = open_output(path, options.force);
  if (!output.ok()) return output.status();
  const std::vector<const Tensor*> tensors = safetensors_order(selected);
  if (!options.raw) {
    const auto header = safetensors_header(unstack(tensors, stacks), safetensors_metadata(manifest));
    if (!header.ok()) return header.status();
    if (Status s = (*output)->write(*header); !s.ok()) return s;
  }
  OutputSink sink(**output);
  for (const Tensor* tensor : tensors) {
    const auto index = static_cast<std::size_t>(tensor - manifest.tensors.data());
    if (Status s = decoder.decode(index, sink); !s.ok()) return s;
  }
  return (*output)->commit();
}

// Every writer of a shard writes the same index, so that one of the same files is no other writer's.
Status check_index(const std::string& path, const WeightMap& map) {
  std::error_code no_matter;
  if (!std::filesystem::exists(path, no_matter)) return {};
  const Result<WeightMap> existing = read_shard_index(path);
  if (existing.ok() && *existing == map) return {};
  return usage(path + ": exists already and lists other files; --force replaces it");
}

Status decode_shards(std::span<const Tensor* const> selected, const Stacks& stacks, const Manifest& manifest,
                     Decoder& decoder, const DecodeOptions& options) {
  const std::filesystem::path folder = *options.output;
  const auto parts = split(selected, options.shards);
  std::vector<std::vector<const Tensor*>> listed;
  for (const auto& part : parts) listed.push_back(unstack(part, stacks));
  const std::vector<std::span<const Tensor* const>> listed_parts(listed.begin(), listed.end());
  const std::string index = folder / kShardIndexName;
  if (!options.force) {
    if (Status s = check_index(index, weight_map(listed_parts)); !s.ok()) return s;
  }
  std::error_code error;
  std::filesystem::create_directory(folder, error);
  if (error) return {Code::kWrite, "", folder.string() + ": " + error.message()};
  for (std::uint32_t i = 0; i < options.shards; ++i) {
    if (options.shard != 0 && options.shard != i + 1) continue;
    const std::string path = folder / shard_name(i, options.shards);
    if (Status s = decode_to(path, parts[i], stacks, manifest, decoder, options); !s.ok()) return s;
  }
  const std::string text = shard_index_text(listed_parts);
  return replace_file(index, std::as_bytes(std::span(text)));
}

Status decode_file(const DecodeOptions& options) {
  const bool sharded = options.shards > 0;
  if (options.raw && (options.tensors.size() != 1 || sharded)) {
    return usage("--raw writes one tensor to one file: name it with --tensor");
  }
  if (options.raw && options.unstack) return usage("--raw writes one tensor as it is: leave out --unstack");
  if (sharded && (!options.output || *options.output == "-")) {
    return usage("shards are files in a folder: name it with --output");
  }
  const Result<std::string> path = sharded ? *options.output : output_path(options);
  if (!path.ok()) return path.status();
  Result<Bases> bases = Bases::open(options.bases, options.limits, options.decoding);
  if (!bases.ok()) return bases.status();
  Result<Reader> reader = open_reader(options.file, options.limits);
  if (!reader.ok()) return reader.status();
  const Manifest& manifest = reader->manifest();
  const auto selected = select(manifest, options);
  if (!selected.ok()) return selected.status();
  const Result<Stacks> stacks = options.unstack ? find_stacks(*selected) : Stacks();
  if (!stacks.ok()) return stacks.status();
  Result<Decoder> decoder = make_decoder(*reader, *bases, options.decoding);
  if (!decoder.ok()) return decoder.status();

  hold_interrupts();
  if (sharded) return decode_shards(*selected, *stacks, manifest, *decoder, options);
  return decode_to(*path, *selected, *stacks, manifest, *decoder, options);
}

}  // namespace

int decode(const DecodeOptions& options) {
  std::vector<std::string> others = options.bases;
  if (options.output) others.push_back(*options.output);
  const int code = report(kProgram, options.file, decode_file(options), others);
  release_interrupts();
  return code;
}

}  // namespace mcnc::tools
