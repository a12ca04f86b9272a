// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "common/inputs.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/report.h"
#include "mcnc/decoder.h"
#include "mcnc/file_digest.h"
#include "open.h"
#include "sign/signature.h"

namespace mcnc::tools {
namespace {

// Every file that is read: no signature replaces one.
std::vector<std::string> inputs_of(const SignOptions& options) {
  std::vector<std::string> inputs = options.bases;
  inputs.insert(inputs.end(), options.signer.chain.begin(), options.signer.chain.end());
  inputs.push_back(options.signer.key);
  if (options.signer.password_file) inputs.push_back(*options.signer.password_file);
  if (options.signer.certificate) inputs.push_back(*options.signer.certificate);
  return inputs;
}

// The weights identity, once all is decoded and it is known to be true.
Result<Digest> true_identity(Reader& reader, const SignOptions& options) {
  Result<BaseModels> bases = BaseModels::open(options.bases, options.limits, options.decoding);
  if (!bases.ok()) return bases.status();
  Result<Decoder> decoder = make_decoder(reader, *bases, options.decoding);
  if (!decoder.ok()) return decoder.status();
  if (Status s = decoder->verify(); !s.ok()) return s;
  return reader.manifest().weights_identity;
}

// What is to be signed. The file is opened as a .mcnc file in any case: others are signed by other programs.
Result<Statement> statement_of(const SignOptions& options) {
  Result<std::unique_ptr<Input>> input = open_input(options.file, options.limits.scratch_bytes);
  if (!input.ok()) return input.status();
  const Execution execution = {.progress = interruptible};
  Result<Digest> digest = options.weights ? Result<Digest>(Digest{}) : file_sha256(**input, execution);
  if (!digest.ok()) return digest.status();
  Result<Reader> reader = open_reader(*std::move(input), options.limits);
  if (!reader.ok()) return reader.status();
  if (options.weights) digest = true_identity(*reader, options);
  if (!digest.ok()) return digest.status();
  return Statement{.model = options.file == "-" ? "model" : std::filesystem::path(options.file).filename().string(),
                   .subject = options.weights ? Subject::kWeights : Subject::kFile,
                   .digest = to_hex(*digest)};
}

Status sign_file(const SignOptions& options, std::span<const std::string> inputs) {
  if (Status s = check_output(options.output, options.force); !s.ok()) return s;
  if (Status s = check_not_input(options.output, inputs); !s.ok()) return s;
  if (Status s = check_not_input(options.output, std::span(&options.file, 1)); !s.ok()) return s;
  const Result<LoadedSigner> signer = load_signer(options.signer);
  if (!signer.ok()) return signer.status();
  hold_interrupts();
  const Result<Statement> statement = statement_of(options);
  if (!statement.ok()) return statement.status();
  const Result<std::string> signature = make_signature(*statement, *signer);
  if (!signature.ok()) return signature.status();
  return write_text(options.output, *signature, options.force);
}

}  // namespace

int sign(const SignOptions& options) {
  std::vector<std::string> others = inputs_of(options);
  const Status status = sign_file(options, others);
  others.push_back(options.output);
  const int code = report(kProgram, options.file, status, others);
  release_interrupts();
  return code;
}

}  // namespace mcnc::tools
