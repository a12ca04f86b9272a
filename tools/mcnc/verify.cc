// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "commands.h"
#include "common/escape.h"
#include "common/output.h"
#include "common/report.h"
#include "mcnc/decoder.h"
#include "mcnc/units.h"
#include "open.h"

namespace mcnc::tools {
namespace {

Status verify_file(const std::string& file, const VerifyOptions& options, BaseModels& bases) {
  Result<Reader> reader = open_reader(file, options.limits);
  if (!reader.ok()) return reader.status();
  Result<Decoder> decoder = make_decoder(*reader, bases, options.decoding);
  if (!decoder.ok()) return decoder.status();
  if (Status s = decoder->verify(); !s.ok()) return s;
  if (options.quiet) return {};

  const Manifest& manifest = reader->manifest();
  return print(escape(file) + ": ok (" + counted(manifest.tensors.size(), "tensor") + ", " +
               counted(manifest.segments.size(), "segment") + ", " + human_bytes(manifest.budget.output_bytes) +
               " decoded)\n");
}

}  // namespace

int verify(const VerifyOptions& options) {
  Result<BaseModels> bases = BaseModels::open(options.bases, options.limits, options.decoding);
  if (!bases.ok()) return report(kProgram, "", bases.status());
  int worst = 0;
  for (const std::string& file : options.files) {
    worst = std::max(worst, report(kProgram, file, verify_file(file, options, *bases), options.bases));
  }
  return worst;
}

}  // namespace mcnc::tools
