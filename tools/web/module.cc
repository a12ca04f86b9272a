// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What the WebAssembly module exports: one open file, with the base models that it starts from, which is described,
// decoded and checked. An instance of the module has one such file; who wants two makes two instances.
// package/session.js is the only caller.
//
// Functions that can fail return an ErrorCode as a number, 0 where all is well. Their result, or the error as JSON, is
// the bytes [mcnc_result(), + mcnc_result_size()) until the next call. What the module needs of its host it imports
// from "host"; those functions must not throw.

#include <emscripten/emscripten.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mcnc/base_models.h"
#include "mcnc/boundary.h"
#include "mcnc/byte_ranges.h"
#include "mcnc/decoder.h"
#include "mcnc/draft.h"
#include "mcnc/element.h"
#include "mcnc/info_json.h"
#include "mcnc/input.h"
#include "mcnc/json_text.h"
#include "mcnc/recognize.h"
#include "mcnc/safetensors_header.h"
#include "mcnc/safetensors_metadata.h"
#include "mcnc/sink.h"
#include "report/histogram.h"

// Fills `out` with bytes of a file and returns 0, or anything else where it cannot. file: 0 is the open file, others
// are base models, by the numbers that mcnc_set_bases was told.
extern "C" __attribute__((import_module("host"), import_name("read"))) std::int32_t host_read(std::uint32_t file,
                                                                                              std::uint64_t offset,
                                                                                              void* out,
                                                                                              std::uint32_t bytes);
// Takes the next bytes of a tensor and returns 0, or anything else where it cannot.
extern "C" __attribute__((import_module("host"), import_name("write"))) std::int32_t host_write(const void* data,
                                                                                                std::uint32_t bytes);
// Is told how many bytes of how many are done.
extern "C" __attribute__((import_module("host"), import_name("progress"))) void host_progress(double done,
                                                                                              double total);

namespace mcnc::tools {
namespace {

class HostInput final : public Input {
 public:
  HostInput(std::uint32_t file, std::uint64_t size) noexcept : file_(file), size_(size) {}

  std::uint64_t size() const noexcept override { return size_; }

  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    return boundary([&]() -> Status {
      if (offset > size_ || out.size() > size_ - offset) {
        return {ErrorCode::kTruncated, "container.truncated", "the file ends before the bytes it must have", size_};
      }
      if (out.empty()) return {};
      if (host_read(file_, offset, out.data(), static_cast<std::uint32_t>(out.size())) == 0) return {};
      return {ErrorCode::kRead, "", "the file could not be read", offset};
    });
  }

 private:
  std::uint32_t file_;
  std::uint64_t size_;
};

// Hands every piece of a tensor to a function.
class PieceSink final : public Sink {
 public:
  using Take = std::function<Status(const Tensor&, std::span<const std::byte>)>;
  explicit PieceSink(Take take) noexcept : take_(std::move(take)) {}

  Status write(const Tensor& tensor, std::uint64_t, std::span<const std::byte> bytes) noexcept override {
    return boundary([&] { return take_(tensor, bytes); });
  }

 private:
  Take take_;
};

struct OpenFile {
  Limits limits;
  std::optional<BaseModels> bases;  // those that were given, if any were
  Reader reader;
  Decoder decoder;
};

std::unique_ptr<Input> input;  // of the file that was opened last, also where it is not a .mcnc file
std::optional<OpenFile> opened;
std::string result;

const Manifest& manifest() { return opened->reader.manifest(); }

std::int32_t finish(const Status& status) {
  if (!status.ok()) result = error_json(status).dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
  return static_cast<std::int32_t>(status.code());
}

// Runs `call`, a function that returns a Status, as one of the functions below.
template <typename Call>
std::int32_t run(Call&& call) {
  result.clear();
  return finish(boundary(std::forward<Call>(call)));
}

// The same for functions of an open file and one of its tensors.
template <typename Call>
std::int32_t run_on_tensor(std::uint32_t tensor, Call&& call) {
  return run([&]() -> Status {
    if (!opened) return {ErrorCode::kArgument, "", "no file is open"};
    if (tensor >= manifest().tensors.size()) return {ErrorCode::kArgument, "", "there is no such tensor"};
    return call();
  });
}

Status open(std::uint64_t size, const Limits& limits) {
  opened.reset();
  input = std::make_unique<HostInput>(0, size);
  Allowance allowance(limits);
  Result<Reader> reader = Reader::open(std::make_unique<HostInput>(0, size), allowance);
  if (!reader.ok()) return explain(reader.status(), *input, Wanted::kMcnc);
  DecoderOptions options;
  options.execution.progress = [](const Progress& progress) {
    host_progress(static_cast<double>(progress.done), static_cast<double>(progress.total));
    return Status();
  };
  Result<Decoder> decoder = Decoder::create(*reader, options);
  if (!decoder.ok()) return decoder.status();
  opened.emplace(OpenFile{limits, std::nullopt, *std::move(reader), *std::move(decoder)});
  return {};
}

// files: what package/session.js lists, [{"file": number, "name": text, "size": bytes}, ...].
Status set_bases(std::string_view files) {
  std::vector<NamedInput> inputs;
  for (const nlohmann::json& file : nlohmann::json::parse(files)) {
    inputs.push_back({file.at("name"), std::make_unique<HostInput>(file.at("file"), file.at("size"))});
  }
  Result<BaseModels> bases = BaseModels::open_inputs(std::move(inputs), opened->limits);
  if (!bases.ok()) return bases.status();
  if (Status s = bases->supply(opened->decoder); !s.ok()) return s;
  opened->bases.emplace(*std::move(bases));  // those of before go, which the decoder has no use for any more
  return {};
}

Status measure(std::uint32_t index) {
  const Tensor& tensor = manifest().tensors[index];
  Distribution distribution(tensor.elements());
  PieceSink sink([&](const Tensor&, std::span<const std::byte> bytes) {
    const std::size_t size = size_of(tensor.dtype);
    for (std::size_t at = 0; at < bytes.size(); at += size) distribution.add(value_at(&bytes[at], tensor.dtype));
    return Status();
  });
  if (Status s = opened->decoder.decode(index, sink); !s.ok()) return s;
  result = nlohmann::ordered_json{{"count", distribution.count()}, {"not_finite", distribution.not_finite()},
                                  {"least", distribution.least()}, {"most", distribution.most()},
                                  {"mean", distribution.mean()},   {"deviation", distribution.deviation()},
                                  {"bars", distribution.bars()}}
               .dump();
  return {};
}

}  // namespace
}  // namespace mcnc::tools

namespace mcnc::tools {
extern "C" {

EMSCRIPTEN_KEEPALIVE const char* mcnc_result() { return result.data(); }
EMSCRIPTEN_KEEPALIVE std::uint32_t mcnc_result_size() { return static_cast<std::uint32_t>(result.size()); }

// The instruction set that it decodes with. The result is text.
EMSCRIPTEN_KEEPALIVE std::int32_t mcnc_target() {
  return run([]() -> Status {
    result = default_target();
    return {};
  });
}

// Opens a file of `size` bytes instead of the one that is open. Limits: as in mcnc/limits.h.
EMSCRIPTEN_KEEPALIVE std::int32_t mcnc_open(std::uint64_t size, std::uint64_t output_bytes, std::uint64_t multiply_adds,
                                            std::uint64_t scratch_bytes) {
  return run([&] { return open(size, {output_bytes, multiply_adds, scratch_bytes}); });
}

// Supplies the models that the open file starts from; see set_bases. After an error those of before are still there.
EMSCRIPTEN_KEEPALIVE std::int32_t mcnc_set_bases(const char* files, std::uint32_t bytes) {
  return run([&]() -> Status {
    if (!opened) return {ErrorCode::kArgument, "", "no file is open"};
    return set_bases({files, bytes});
  });
}

// What `mcnc info --json` prints.
EMSCRIPTEN_KEEPALIVE std::int32_t mcnc_info() {
  return run([]() -> Status {
    if (!opened) return {ErrorCode::kArgument, "", "no file is open"};
    result = info_json("", opened->reader);
    return {};
  });
}

// What `mcnc dump --json` prints, also of a file that mcnc_open refused. What is wrong with segments is left for
// mcnc_verify to say.
EMSCRIPTEN_KEEPALIVE std::int32_t mcnc_dump() {
  return run([]() -> Status {
    if (!input) return {ErrorCode::kArgument, "", "no file is open"};
    std::vector<ByteRange> ranges;
    const Status status = find_byte_ranges(*input, ranges);
    if (status.code() == ErrorCode::kRead) return status;
    result = byte_ranges_json("", ranges);
    return {};
  });
}

// Elements [first, first + count) of a tensor into `out`, which has `bytes` bytes. Of a whole tensor the digest is
// compared.
EMSCRIPTEN_KEEPALIVE std::int32_t mcnc_decode(std::uint32_t tensor, std::uint64_t first, std::uint64_t count,
                                              std::byte* out, std::uint32_t bytes) {
  return run_on_tensor(tensor, [&] {
    const bool whole = first == 0 && count == manifest().tensors[tensor].elements();
    return whole ? opened->decoder.decode(tensor, std::span(out, bytes))
                 : opened->decoder.decode_range(tensor, first, count, std::span(out, bytes));
  });
}

// All bytes of a tensor, piece by piece, to the host. After an error they must be dropped.
EMSCRIPTEN_KEEPALIVE std::int32_t mcnc_stream(std::uint32_t tensor) {
  return run_on_tensor(tensor, [&] {
    PieceSink sink([](const Tensor&, std::span<const std::byte> bytes) {
      if (host_write(bytes.data(), static_cast<std::uint32_t>(bytes.size())) == 0) return Status();
      return Status(ErrorCode::kWrite, "", "the weights could not be kept");
    });
    return opened->decoder.decode(tensor, sink);
  });
}

// How the numbers of a tensor are distributed, as JSON.
EMSCRIPTEN_KEEPALIVE std::int32_t mcnc_measure(std::uint32_t tensor) {
  return run_on_tensor(tensor, [&] { return measure(tensor); });
}

// Reads and checks everything that the file holds; what starts from base models, where none were given, only as far as
// it can be without them.
EMSCRIPTEN_KEEPALIVE std::int32_t mcnc_verify() {
  return run([]() -> Status {
    if (!opened) return {ErrorCode::kArgument, "", "no file is open"};
    const bool lacks_bases = !manifest().bases.empty() && !opened->bases;
    return lacks_bases ? opened->decoder.verify_without_bases() : opened->decoder.verify();
  });
}

// The first bytes of a safetensors file of the model: its header, which says which tensor's bytes follow where.
EMSCRIPTEN_KEEPALIVE std::int32_t mcnc_safetensors() {
  return run([]() -> Status {
    if (!opened) return {ErrorCode::kArgument, "", "no file is open"};
    std::vector<const Tensor*> tensors;
    for (const Tensor& tensor : manifest().tensors) {
      if (!tensor.factor) tensors.push_back(&tensor);
    }
    const Result<std::vector<std::byte>> header =
        safetensors_header(safetensors_order(tensors), safetensors_metadata(manifest()));
    if (!header.ok()) return header.status();
    result.assign(reinterpret_cast<const char*>(header->data()), header->size());
    return {};
  });
}

}  // extern "C"
}  // namespace mcnc::tools
