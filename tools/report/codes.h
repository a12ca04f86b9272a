// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_REPORT_CODES_H_
#define MCNC_TOOLS_REPORT_CODES_H_

#include "mcnc/reader.h"
#include "mcnc/status.h"
#include "report/histogram.h"

namespace mcnc::tools {

// How the numbers of a codes table are distributed, scaled as a decoder scales them.
struct CodesDistribution {
  Distribution alpha;
  Distribution beta;  // of a table whose betas are one number, that number
};

// Reads the segments of `codes`, a table of the reader's file.
Result<CodesDistribution> measure_codes(const Reader& reader, const Codes& codes);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_REPORT_CODES_H_
