// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "common/code_types.h"
#include "common/draft_output.h"
#include "common/escape.h"
#include "common/inputs.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/report.h"
#include "common/table.h"
#include "describe.h"
#include "element.h"
#include "mcnc/about.h"
#include "mcnc/decoder.h"
#include "mcnc/writer.h"
#include "open.h"
#include "weight_change.h"

namespace mcnc::tools {
namespace {

// Whether numbers * scale are the same bits for both.
bool same_numbers(std::span<const float> before, float before_scale, std::span<const float> after, float after_scale) {
  return std::ranges::equal(before, after, [&](float x, float y) {
    return std::bit_cast<std::uint32_t>(x * before_scale) == std::bit_cast<std::uint32_t>(y * after_scale);
  });
}

// exact: cleared where a number does not keep its value.
Status change_codes(const TranscodeOptions& options, Reader& reader, Model& model, Codes& codes, bool& exact) {
  const Generator& generator = model.manifest.generators[codes.generator];
  if (options.alpha_type) {
    const Result<std::vector<std::byte>> alpha = reader.read_segment(codes.alpha_segment);
    if (!alpha.ok()) return alpha.status();
    const Alphas before{codes.alpha_type, codes.alpha_scale, numbers_of(*alpha, codes.alpha_type)};
    Alphas after = before;
    if (Status s = change_type(after, *options.alpha_type, generator.arithmetic); !s.ok()) return s;
    codes.alpha_type = after.type;
    codes.alpha_scale = after.scale;
    std::vector<std::byte> bytes = bytes_of(after);
    exact = exact && same_numbers(before.numbers, before.scale, numbers_of(bytes, after.type), after.scale);
    model.segments[codes.alpha_segment] = std::move(bytes);
  }
  if (options.beta_type && codes.beta_segment) {
    const Result<std::vector<std::byte>> beta = reader.read_segment(*codes.beta_segment);
    if (!beta.ok()) return beta.status();
    const Betas before{codes.beta_type, codes.beta_exponent, numbers_of(*beta, codes.beta_type)};
    Betas after = before;
    change_type(after, *options.beta_type);
    codes.beta_type = after.type;
    codes.beta_exponent = after.exponent;
    std::vector<std::byte> bytes = bytes_of(after);
    exact = exact && same_numbers(before.numbers, std::ldexp(1.0F, before.exponent), numbers_of(bytes, after.type),
                                  std::ldexp(1.0F, after.exponent));
    model.segments[*codes.beta_segment] = std::move(bytes);
  }
  return {};
}

// What a person wants to know of the change, for standard error. before, after: decoders of the files that the
// manifests are of.
Result<std::string> describe_change(const Manifest& manifest, Decoder& before, const Manifest& changed,
                                    Decoder& after) {
  const Digest& identity = changed.weights_identity;
  if (identity == manifest.weights_identity) return std::string("weights identity unchanged\n");

  Table table(kChangeAlignment);
  table.add(change_title());
  for (std::size_t i = 0; i < manifest.tensors.size(); ++i) {
    const Tensor& tensor = manifest.tensors[i];
    if (tensor.digest == changed.tensors[i].digest) continue;
    const Result<WeightChange> change = weight_change(before, i, after, i, tensor);
    if (!change.ok()) return change.status();
    table.add(change_row(tensor.name, *change));
  }
  return "weights identity changed: " + to_hex(manifest.weights_identity) + " is now " + to_hex(identity) + "\n" +
         table.to_string("  ");
}

Status transcode_file(const TranscodeOptions& options) {
  if (!options.alpha_type && !options.beta_type && !options.zstd_level) {
    return {ErrorCode::kArgument, "", "nothing to change: give --alpha-type, --beta-type or --zstd-level"};
  }
  if (Status s = check_output(options.output, options.force); !s.ok()) return s;
  if (Status s = check_not_input(options.output, options.bases); !s.ok()) return s;
  Result<Reader> file = open_reader(options.file, options.limits);
  if (!file.ok()) return file.status();
  Result<BaseModels> bases = BaseModels::open(options.bases, options.limits, options.decoding);
  if (!bases.ok()) return bases.status();
  Result<Model> model = model_of(*file);
  if (!model.ok()) return model.status();
  DecoderOptions decoding = options.decoding;
  decoding.execution.progress = interruptible;
  Result<Decoder> decoder = make_decoder(*file, *bases, decoding);
  if (!decoder.ok()) return decoder.status();
  hold_interrupts();
  // Nothing is made of a file that does not verify: it would come out with new digests, as if it did.
  if (Status s = decoder->verify(); !s.ok()) return s;

  bool exact = true;
  for (std::size_t c = 0; c < model->manifest.codes.size(); ++c) {
    const Status s = change_codes(options, *file, *model, model->manifest.codes[c], exact);
    if (!s.ok()) return about("codes " + std::to_string(c), s);
  }

  Result<std::vector<BaseModel*>> models = bases->match(file->manifest());
  if (!models.ok()) return models.status();
  WriteOptions write;
  write.zstd_level = options.zstd_level.value_or(write.zstd_level);
  write.bases = *std::move(models);
  write.execution = options.decoding.execution;
  write.execution.progress = interruptible;

  auto output = open_draft(options.output, options.force);
  if (!output.ok()) return output.status();
  Draft& draft = (*output)->draft();
  if (Status s = write_draft(*std::move(model), write, draft); !s.ok()) return s;
  Allowance allowance(kUnlimited);
  Result<Reader> written = Reader::open(borrow(draft), allowance);
  if (!written.ok()) return written.status();
  if (exact && written->manifest().weights_identity != file->manifest().weights_identity) {
    return {ErrorCode::kIdentity, "", "every number of the codes keeps its value, and yet other weights come out"};
  }
  Result<Decoder> after = make_decoder(*written, *bases, options.decoding);
  if (!after.ok()) return after.status();
  const Result<std::string> change = describe_change(file->manifest(), *decoder, written->manifest(), *after);
  if (!change.ok()) return change.status();
  if (Status s = (*output)->commit(); !s.ok()) return s;
  std::fprintf(stderr, "%s: %s: %s", kProgram, escape(options.file).c_str(), change->c_str());
  return {};
}

}  // namespace

int transcode(const TranscodeOptions& options) {
  std::vector<std::string> others = options.bases;
  others.push_back(options.output);
  const int code = report(kProgram, options.file, transcode_file(options), others);
  release_interrupts();
  return code;
}

}  // namespace mcnc::tools
