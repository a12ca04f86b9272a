// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What a program says to a person when something is wrong.
#ifndef MCNC_TOOLS_COMMON_REPORT_H_
#define MCNC_TOOLS_COMMON_REPORT_H_

#include <span>
#include <string>
#include <string_view>

#include "mcnc/about.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// Writes "PROGRAM: SUBJECT: message [rule r, byte n]", escaped, to standard error and returns the exit code. Writes
// nothing where the status is ok. others: files that a message may be about instead, such as bases and the output; one
// that begins with the name of such a file, or of one in such a folder, names that alone.
int report(std::string_view program, std::string_view subject, const Status& status,
           std::span<const std::string> others = {});

// The list of exit codes for the end of a help text.
extern const char kExitCodes[];

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_REPORT_H_
