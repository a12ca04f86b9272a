// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands.h"
#include "common/inputs.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/progress_line.h"
#include "common/report.h"
#include "common/suggest.h"
#include "common/weights_output.h"
#include "decode_outputs.h"
#include "mcnc/decoder.h"
#include "open.h"
#include "unstack.h"

namespace mcnc::tools {
namespace {

Status usage(std::string message) { return {ErrorCode::kArgument, "", std::move(message)}; }

// Where everything goes that is not a shard.
Result<std::string> output_path(const DecodeOptions& options) {
  if (options.output) return *options.output;
  if (::isatty(STDOUT_FILENO) == 0) return std::string("-");
  return usage("a model is not text for a terminal: give a file with --output, or a pipe");
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
  const std::set<std::string_view> asked(names.begin(), names.end());
  std::vector<const Tensor*> selected;
  for (const Tensor& tensor : manifest.tensors) {
    const bool wanted = names.empty() ? !tensor.factor || options.factors : asked.contains(tensor.name);
    if (wanted) selected.push_back(&tensor);
  }
  return selected;
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
  Result<BaseModels> bases = BaseModels::open(options.bases, options.limits, options.decoding);
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

  std::vector<std::string> inputs = options.bases;
  inputs.push_back(options.file);
  std::uint64_t total = 0;
  for (const Tensor* tensor : *selected) total += tensor->bytes();
  ProgressLine progress("decoding " + options.file, total);
  const Decoding work = {options, manifest, *stacks, *decoder, inputs, progress};
  hold_interrupts();
  if (sharded) return decode_shards(*selected, work);
  if (options.raw) {
    if (Status s = check_not_input(*path, inputs); !s.ok()) return s;
  }
  const Result<std::vector<std::byte>> header = header_for(*selected, work);
  if (!header.ok()) return header.status();
  auto output = options.raw ? open_output(*path, options.force) : open_weights(*path, options.force, inputs);
  return output.ok() ? decode_to(**output, *header, *selected, work) : output.status();
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
