// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <vector>

#include "byte_ranges.h"
#include "commands.h"
#include "common/output.h"
#include "common/report.h"
#include "common/table.h"
#include "mcnc/draft.h"
#include "mcnc/recognize.h"
#include "open.h"

namespace mcnc::tools {
namespace {

std::string table_of(const std::vector<ByteRange>& ranges) {
  Table table("rrlll");
  table.add({"offset", "bytes", "what", "first bytes", ""});
  for (const ByteRange& range : ranges) {
    table.add({std::to_string(range.offset), std::to_string(range.bytes), range.what, range.first_bytes, range.note});
  }
  return table.to_string("");
}

Status dump_file(const std::string& file, bool json) {
  const auto input = open_input(file, Limits().scratch_bytes);
  if (!input.ok()) return input.status();
  std::vector<ByteRange> ranges;
  Status segments = find_byte_ranges(**input, ranges);
  if (Status s = print(json ? byte_ranges_json(file, ranges) : table_of(ranges)); !s.ok()) return s;
  Allowance unlimited(kUnlimited);
  const Result<Reader> reader = Reader::open(borrow(**input), unlimited);
  return reader.ok() ? segments : explain(reader.status(), **input, Wanted::kMcnc);
}

}  // namespace

int dump(const DumpOptions& options) { return report(kProgram, options.file, dump_file(options.file, options.json)); }

}  // namespace mcnc::tools
