// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "common/escape.h"
#include "common/output.h"
#include "common/report.h"
#include "mcnc/decoder.h"
#include "mcnc/file_digest.h"
#include "mcnc/units.h"
#include "open.h"
#include "sign/signature.h"

namespace mcnc::tools {
namespace {

// kIdentity unless `digest`, what the file has, is the one that was signed.
Status check_signed(const Statement& statement, const Digest& digest) {
  if (statement.digest == to_hex(digest)) return {};
  return {ErrorCode::kIdentity, "",
          statement.subject == Subject::kFile ? "is not the file that was signed: its bytes are others"
                                              : "does not have the weights that were signed"};
}

// Before anything else of the file is believed: that it is the one, or says of itself to have the weights, that were
// signed. Whether it has the weights that it claims is known when they are decoded.
Result<Reader> open_signed(const std::string& file, const VerifyOptions& options,
                           const std::optional<Signed>& signed_) {
  Result<std::unique_ptr<Input>> input = open_input(file, options.limits.scratch_bytes);
  if (!input.ok()) return input.status();
  if (signed_ && signed_->statement.subject == Subject::kFile) {
    const Result<Digest> digest = file_sha256(**input);
    if (!digest.ok()) return digest.status();
    if (Status s = check_signed(signed_->statement, *digest); !s.ok()) return s;
  }
  Result<Reader> reader = open_reader(*std::move(input), options.limits);
  if (!reader.ok()) return reader;
  if (signed_ && signed_->statement.subject == Subject::kWeights) {
    if (Status s = check_signed(signed_->statement, reader->manifest().weights_identity); !s.ok()) return s;
  }
  return reader;
}

std::string who_signed(const std::string& file, const Signed& signed_) {
  return escape(file) +
         (signed_.statement.subject == Subject::kFile ? ": signed by " : ": its weights are signed by ") +
         escape(signed_.by) + "\n";
}

Status verify_file(const std::string& file, const VerifyOptions& options, BaseModels& bases) {
  std::optional<Signed> signature;
  if (options.signature) {
    Result<Signed> read = read_signature(*options.signature, options.believed);
    if (!read.ok()) return read.status();
    signature = *std::move(read);
  }
  Result<Reader> reader = open_signed(file, options, signature);
  if (!reader.ok()) return reader.status();
  Result<Decoder> decoder = make_decoder(*reader, bases, options.decoding);
  if (!decoder.ok()) return decoder.status();
  if (Status s = decoder->verify(); !s.ok()) return s;
  if (options.quiet) return {};

  const Manifest& manifest = reader->manifest();
  return print((signature ? who_signed(file, *signature) : "") + escape(file) + ": ok (" +
               counted(manifest.tensors.size(), "tensor") + ", " + counted(manifest.segments.size(), "segment") + ", " +
               human_bytes(manifest.budget.output_bytes) + " decoded)\n");
}

}  // namespace

int verify(const VerifyOptions& options) {
  Result<BaseModels> bases = BaseModels::open(options.bases, options.limits, options.decoding);
  if (!bases.ok()) return report(kProgram, "", bases.status());
  std::vector<std::string> others = options.bases;  // files that a message may be about instead
  others.insert(others.end(), options.believed.trusted.begin(), options.believed.trusted.end());
  if (options.signature) others.push_back(*options.signature);
  if (options.believed.public_key) others.push_back(*options.believed.public_key);
  int worst = 0;
  for (const std::string& file : options.files) {
    worst = std::max(worst, report(kProgram, file, verify_file(file, options, *bases), others));
  }
  return worst;
}

}  // namespace mcnc::tools
