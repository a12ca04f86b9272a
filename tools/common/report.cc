// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/report.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "common/escape.h"

namespace mcnc::tools {

namespace {

// The option that lifts the limit which refused a file; "" where there is none. Only the commands of mcnc have them.
std::string option_for(std::string_view program, const Status& status) {
  if (program != "mcnc" || status.code() != ErrorCode::kLimit) return {};
  if (status.rule() == "limit.output") return "--max-output-bytes";
  if (status.rule() == "limit.multiply_adds") return "--max-multiply-adds";
  if (status.rule() == "limit.scratch") return "--max-scratch-bytes";
  return {};
}

}  // namespace

int report(std::string_view program, std::string_view subject, const Status& status,
           std::span<const std::string> others) {
  if (status.ok()) return 0;
  std::string text = status.to_string();
  const auto is_about = [&](std::string_view file) {
    return !file.empty() && text.starts_with(file) && text.size() > file.size() &&
           (text[file.size()] == ':' || text[file.size()] == '/');
  };
  // What the system refused already names its file.
  if (!subject.empty() && !is_about(subject) && std::ranges::none_of(others, is_about)) {
    text.insert(0, std::string(subject) + ": ");
  }
  if (const std::string option = option_for(program, status); !option.empty()) text += "; " + option + " allows more";
  std::fprintf(stderr, "%s: %s\n", std::string(program).c_str(), escape(text).c_str());
  return exit_code(status.code());
}

const char kExitCodes[] =
    "Exit codes: 0 all is well, 1 data does not match its digests or signature,\n"
    "2 wrong usage, 3 malformed file, 4 format version or feature not known,\n"
    "5 reading, writing or memory failed, or the program is at fault,\n"
    "6 refused by a limit, 7 accelerator failed.";

}  // namespace mcnc::tools
