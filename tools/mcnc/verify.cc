// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "common/escape.h"
#include "common/output.h"
#include "common/progress_line.h"
#include "common/report.h"
#include "json_text.h"
#include "mcnc/decoder.h"
#include "mcnc/file_digest.h"
#include "mcnc/units.h"
#include "open.h"
#include "sign/signature.h"

namespace mcnc::tools {
namespace {

using nlohmann::ordered_json;

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

// What is known of a file that is well.
struct Verified {
  std::optional<Signed> signed_;
  std::size_t tensors = 0;
  std::size_t segments = 0;
  std::uint64_t output_bytes = 0;
};

Result<Verified> verify_file(const std::string& file, const VerifyOptions& options, BaseModels& bases) {
  Verified verified;
  if (options.signature) {
    Result<Signed> read = read_signature(*options.signature, options.believed);
    if (!read.ok()) return read.status();
    verified.signed_ = *std::move(read);
  }
  ProgressLine line("verifying " + file);
  Result<Reader> reader = open_signed(file, options, verified.signed_);
  if (!reader.ok()) return reader.status();
  DecoderOptions decoding = options.decoding;
  decoding.execution.progress = line.callback();
  Result<Decoder> decoder = make_decoder(*reader, bases, decoding);
  if (!decoder.ok()) return decoder.status();
  if (Status s = decoder->verify(); !s.ok()) return s;
  const Manifest& manifest = reader->manifest();
  verified.tensors = manifest.tensors.size();
  verified.segments = manifest.segments.size();
  verified.output_bytes = manifest.budget.output_bytes;
  return verified;
}

std::string text_of(const std::string& file, const Verified& verified) {
  std::string text;
  if (verified.signed_) {
    const bool is_file = verified.signed_->statement.subject == Subject::kFile;
    text = escape(file) + (is_file ? ": signed by " : ": its weights are signed by ") + escape(verified.signed_->by) +
           "\n";
  }
  return text + escape(file) + ": ok (" + counted(verified.tensors, "tensor") + ", " +
         counted(verified.segments, "segment") + ", " + human_bytes(verified.output_bytes) + " decoded)\n";
}

ordered_json json_of(const std::string& file, const Result<Verified>& verified) {
  ordered_json entry = {{"file", file}, {"ok", verified.ok()}};
  if (!verified.ok()) {
    entry["error"] = error_json(verified.status());
    return entry;
  }
  entry["tensors"] = verified->tensors;
  entry["segments"] = verified->segments;
  entry["output_bytes"] = verified->output_bytes;
  if (verified->signed_) {
    const bool is_file = verified->signed_->statement.subject == Subject::kFile;
    entry["signed"] = {{"what", is_file ? "file" : "weights"}, {"by", verified->signed_->by}};
  }
  return entry;
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
  std::vector<ordered_json> entries;
  for (const std::string& file : options.files) {
    const Result<Verified> verified = verify_file(file, options, *bases);
    Status status = verified.status();
    if (options.json) {
      entries.push_back(json_of(file, verified));
    } else if (verified.ok() && !options.quiet) {
      status = print(text_of(file, *verified));
    }
    worst = std::max(worst, report(kProgram, file, status, others));
  }
  if (options.json) {
    JsonText text("mcnc.verify/1");
    text.add_list("files", entries, [](const ordered_json& entry) { return entry; });
    worst = std::max(worst, report(kProgram, "", print(std::move(text).finish())));
  }
  return worst;
}

}  // namespace mcnc::tools
