// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_MCNC_REPORT_PAGE_H_
#define MCNC_TOOLS_MCNC_REPORT_PAGE_H_

#include <string>
#include <vector>

#include "mcnc/reader.h"
#include "report/codes.h"
#include "report/histogram.h"

namespace mcnc::tools {

// What was measured of a file when it was decoded. Empty where it was not.
struct Measured {
  std::vector<Distribution> tensors;     // of all tensors, in the order of the manifest
  std::vector<CodesDistribution> codes;  // of all codes tables
};

// The report of a file as a page of HTML.
std::string report_page(const std::string& file, const Reader& reader, const Measured& measured);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_REPORT_PAGE_H_
