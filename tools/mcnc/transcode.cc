// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <cstdio>
#include <string>
#include <utility>

#include "codes/codes.h"
#include "commands.h"
#include "common/code_types.h"
#include "common/draft_output.h"
#include "common/escape.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/reopen.h"
#include "common/report.h"
#include "common/table.h"
#include "describe.h"
#include "mcnc/decoder.h"
#include "open.h"
#include "weight_change.h"
#include "writer/write.h"

namespace mcnc::tools {
namespace {

Status change_codes(const TranscodeOptions& options, Reader& reader, Model& model, Codes& codes) {
  const Generator& generator = model.manifest.generators[codes.generator];
  const Result<std::vector<std::byte>> alpha = reader.read_segment(codes.alpha_segment);
  if (!alpha.ok()) return alpha.status();
  Result<std::vector<std::byte>> beta = std::vector<std::byte>();
  if (codes.beta_segment) beta = reader.read_segment(*codes.beta_segment);
  if (!beta.ok()) return beta.status();
  // Every number is in range then.
  const Result<LoadedCodes> sound = LoadedCodes::load(codes, generator, *alpha, *beta);
  if (!sound.ok()) return sound.status();

  if (options.alpha_type) {
    Alphas alphas{codes.alpha_type, codes.alpha_scale, numbers_of(*alpha, codes.alpha_type)};
    if (Status s = change_type(alphas, *options.alpha_type, generator.arithmetic); !s.ok()) return s;
    codes.alpha_type = alphas.type;
    codes.alpha_scale = alphas.scale;
    model.segments[codes.alpha_segment] = bytes_of(alphas);
  }
  if (options.beta_type && codes.beta_segment) {
    Betas betas{codes.beta_type, codes.beta_exponent, numbers_of(*beta, codes.beta_type)};
    change_type(betas, *options.beta_type);
    codes.beta_type = betas.type;
    codes.beta_exponent = betas.exponent;
    model.segments[*codes.beta_segment] = bytes_of(betas);
  }
  return {};
}

// What a person wants to know of the change, for standard error.
Result<std::string> describe_change(Reader& before, Reader& after, Bases& bases, const DecoderOptions& decoding) {
  const Manifest& manifest = before.manifest();
  const Digest& identity = after.manifest().weights_identity;
  if (identity == manifest.weights_identity) return std::string("weights identity unchanged\n");

  Result<Decoder> old_decoder = make_decoder(before, bases, decoding);
  if (!old_decoder.ok()) return old_decoder.status();
  Result<Decoder> new_decoder = make_decoder(after, bases, decoding);
  if (!new_decoder.ok()) return new_decoder.status();
  Table table(kChangeAlignment);
  table.add(change_title());
  for (std::size_t i = 0; i < manifest.tensors.size(); ++i) {
    const Tensor& tensor = manifest.tensors[i];
    if (tensor.digest == after.manifest().tensors[i].digest) continue;
    const Result<WeightChange> change = weight_change(*old_decoder, i, *new_decoder, i, tensor);
    if (!change.ok()) return change.status();
    table.add(change_row(tensor.name, *change));
  }
  return "weights identity changed: " + to_hex(manifest.weights_identity) + " is now " + to_hex(identity) + "\n" +
         table.to_string("  ");
}

Status transcode_file(const TranscodeOptions& options) {
  if (!options.alpha_type && !options.beta_type && !options.zstd_level) {
    return {Code::kArgument, "", "nothing to change: give --alpha-type, --beta-type or --zstd-level"};
  }
  if (Status s = check_output(options.output, options.force); !s.ok()) return s;
  auto input = open_input(options.file, options.limits.scratch_bytes);
  if (!input.ok()) return input.status();
  Result<Reopened> file = reopen(*std::move(input), options.limits);
  if (!file.ok()) return file.status();
  Result<Bases> bases = Bases::open(options.bases, options.limits, options.decoding);
  if (!bases.ok()) return bases.status();
  Result<Model> model = model_of(file->reader);
  if (!model.ok()) return model.status();
  for (std::size_t c = 0; c < model->manifest.codes.size(); ++c) {
    Codes& codes = model->manifest.codes[c];
    const Status s = change_codes(options, file->reader, *model, codes);
    if (!s.ok()) return {s.code(), s.rule(), "codes " + std::to_string(c) + ": " + s.message()};
  }

  Result<std::vector<BaseModel*>> models = bases->match(file->reader.manifest());
  if (!models.ok()) return models.status();
  WriteOptions write;
  write.zstd_level = options.zstd_level.value_or(write.zstd_level);
  write.bases = *std::move(models);
  write.proceed = check_interrupt;

  hold_interrupts();
  auto output = open_draft(options.output, options.force);
  if (!output.ok()) return output.status();
  Draft& draft = (*output)->draft();
  if (Status s = write_model(*std::move(model), write, draft); !s.ok()) return s;
  Allowance allowance(kUnlimited);
  Result<Reader> after = Reader::open(borrow(draft), allowance);
  if (!after.ok()) return after.status();
  const Result<std::string> change = describe_change(file->reader, *after, *bases, options.decoding);
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
