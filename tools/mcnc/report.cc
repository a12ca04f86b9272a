// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/report.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "common/inputs.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/progress_line.h"
#include "element.h"
#include "mcnc/decoder.h"
#include "open.h"
#include "report_page.h"

namespace mcnc::tools {
namespace {

// Looks at the numbers of a tensor that is decoded.
class MeasuringSink final : public Sink {
 public:
  explicit MeasuringSink(Distribution& distribution) noexcept : distribution_(distribution) {}

  Status write(const Tensor& tensor, std::uint64_t, std::span<const std::byte> bytes) noexcept override {
    const std::size_t size = size_of(tensor.dtype);
    for (std::size_t at = 0; at < bytes.size(); at += size) distribution_.add(value_at(&bytes[at], tensor.dtype));
    return check_interrupt();
  }

 private:
  Distribution& distribution_;
};

// Decodes everything, factors too, and looks at its numbers. The digests of all are compared with that.
Result<Measured> measure(const ReportOptions& options, Reader& reader) {
  Result<BaseModels> bases = BaseModels::open(options.bases, options.limits, options.decoding);
  if (!bases.ok()) return bases.status();
  const Manifest& manifest = reader.manifest();
  std::uint64_t total = 0;
  for (const Tensor& tensor : manifest.tensors) total += tensor.bytes();
  Result<Decoder> decoder = make_decoder(reader, *bases, options.decoding);
  if (!decoder.ok()) return decoder.status();
  Measured measured;
  for (const Codes& codes : manifest.codes) {
    Result<CodesDistribution> distribution = measure_codes(reader, codes);
    if (!distribution.ok()) return distribution.status();
    measured.codes.push_back(*std::move(distribution));
  }
  ProgressLine progress("decoding " + options.file, total);
  for (std::size_t i = 0; i < manifest.tensors.size(); ++i) {
    MeasuringSink sink(measured.tensors.emplace_back(manifest.tensors[i].elements()));
    if (Status s = decoder->decode(i, sink); !s.ok()) return s;
    progress.advance(manifest.tensors[i].bytes());
  }
  return measured;
}

Status report_file(const ReportOptions& options) {
  if (Status s = check_output(options.output, options.force); !s.ok()) return s;
  std::vector<std::string> inputs = options.bases;
  inputs.push_back(options.file);
  if (Status s = check_not_input(options.output, inputs); !s.ok()) return s;
  Result<Reader> reader = open_reader(options.file, options.quick ? kUnlimited : options.limits);
  if (!reader.ok()) return reader.status();
  hold_interrupts();
  Result<Measured> measured = options.quick ? Result<Measured>(Measured{}) : measure(options, *reader);
  if (!measured.ok()) return measured.status();
  const std::string page = report_page(options.file, *reader, *measured);
  return write_text(options.output, page, options.force);
}

}  // namespace

int write_report(const ReportOptions& options) {
  std::vector<std::string> others = options.bases;
  others.push_back(options.output);
  const int code = report(kProgram, options.file, report_file(options), others);
  release_interrupts();
  return code;
}

}  // namespace mcnc::tools
