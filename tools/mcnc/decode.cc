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
#include "describe.h"
#include "mcnc/decoder.h"
#include "mcnc/sink.h"
#include "open.h"

namespace mcnc::tools {
namespace {

// Where a caller finds which weights a safetensors file came from.
constexpr char kIdentityKey[] = "mcnc.weights_identity";

// Passes decoded pieces on.
class OutputSink final : public Sink {
 public:
  explicit OutputSink(Output& output) noexcept : output_(output) {}

  Status write(const Tensor&, std::uint64_t, std::span<const std::byte> bytes) noexcept override {
    if (Status s = check_interrupt(); !s.ok()) return s;
    return output_.write(bytes);
  }

 private:
  Output& output_;
};

Status usage(std::string message) { return {Code::kArgument, "", std::move(message)}; }

Result<std::string> output_path(const DecodeOptions& options) {
  if (options.output) {
    std::error_code no_matter;
    if (std::filesystem::equivalent(options.file, *options.output, no_matter)) {
      return usage("the output would replace the input");
    }
    return *options.output;
  }
  if (::isatty(STDOUT_FILENO) == 0) return std::string("-");
  return usage("weights are no text for a terminal: give a file with --output, or a pipe");
}

// The tensors asked for, each once, in manifest order.
Result<std::vector<const Tensor*>> select(const Manifest& manifest, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (manifest.find(name) == nullptr) return usage("holds no tensor " + name + "; mcnc info lists what it holds");
  }
  std::vector<const Tensor*> selected;
  for (const Tensor& tensor : manifest.tensors) {
    if (names.empty() || std::ranges::find(names, tensor.name) != names.end()) selected.push_back(&tensor);
  }
  return selected;
}

TextMap safetensors_metadata(const Manifest& manifest) {
  TextMap metadata;
  for (const Metadata& entry : manifest.metadata) metadata[entry.key] = text_of(entry.value);
  metadata[kIdentityKey] = to_hex(manifest.weights_identity);
  return metadata;
}

Status decode_file(const DecodeOptions& options) {
  if (options.raw && options.tensors.size() != 1) return usage("--raw writes one tensor: name it with --tensor");
  const Result<std::string> path = output_path(options);
  if (!path.ok()) return path.status();
  Result<Reader> reader = open_reader(options.file, options.limits);
  if (!reader.ok()) return reader.status();
  const Manifest& manifest = reader->manifest();
  const auto selected = select(manifest, options.tensors);
  if (!selected.ok()) return selected.status();

  hold_interrupts();
  auto output = open_output(*path, options.force);
  if (!output.ok()) return output.status();
  const std::vector<const Tensor*> tensors = safetensors_order(*selected);
  if (!options.raw) {
    const auto header = safetensors_header(tensors, safetensors_metadata(manifest));
    if (!header.ok()) return header.status();
    if (Status s = (*output)->write(*header); !s.ok()) return s;
  }

  Result<Decoder> decoder = Decoder::create(*reader);
  if (!decoder.ok()) return decoder.status();
  OutputSink sink(**output);
  for (const Tensor* tensor : tensors) {
    const auto index = static_cast<std::size_t>(tensor - manifest.tensors.data());
    if (Status s = decoder->decode(index, sink); !s.ok()) return s;
  }
  return (*output)->commit();
}

}  // namespace

int decode(const DecodeOptions& options) {
  const int code = report(kProgram, options.file, decode_file(options));
  release_interrupts();
  return code;
}

}  // namespace mcnc::tools
