// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/decode_case.h"

#include <memory>
#include <optional>
#include <utility>

#include "mcnc/decoder.h"
#include "mcnc/input.h"
#include "mcnc/reader.h"

namespace mcnc::tools {
namespace {

struct OpenModel {
  explicit OpenModel(Reader opened) : reader(std::move(opened)) {}

  Reader reader;
  std::optional<Decoder> decoder;
};

}  // namespace

Result<Case> decode_case(const BenchModel& model, std::span<const std::byte> file, std::string_view target,
                         bool digests, ParallelRunner& threads, std::span<std::byte> out) {
  Result<std::unique_ptr<Input>> input = borrow_memory(file);
  if (!input.ok()) return input.status();
  Allowance allowance;
  Result<Reader> reader = Reader::open(*std::move(input), allowance);
  if (!reader.ok()) return reader.status();
  const auto open = std::make_shared<OpenModel>(*std::move(reader));
  Result<Decoder> decoder =
      Decoder::create(open->reader, {.execution = {.runner = &threads, .target = target}, .check_digests = digests});
  if (!decoder.ok()) return decoder.status();
  open->decoder = *std::move(decoder);

  const Manifest& manifest = open->reader.manifest();
  const Tensor& tensor = *manifest.find(kBenchTensor);
  const auto index = static_cast<std::size_t>(&tensor - manifest.tensors.data());
  return Case{.name = model.name,
              .threads = static_cast<unsigned>(threads.threads()),
              .target = open->decoder->target(),
              .digests = digests,
              .bytes = tensor.bytes(),
              .weights = tensor.elements(),
              .multiply_adds = manifest.budget.multiply_adds,
              .int8_layers = model.generator.arithmetic == Arithmetic::kInteger && model.generator.layers.size() > 1,
              .run = [open, index, part = out.first(static_cast<std::size_t>(tensor.bytes()))] {
                return open->decoder->decode(index, part);
              }};
}

}  // namespace mcnc::tools
