// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_MCNC_INFO_JSON_H_
#define MCNC_TOOLS_MCNC_INFO_JSON_H_

#include <string>

#include "mcnc/reader.h"

namespace mcnc::tools {

// Everything preamble and manifest say, as one JSON object in ASCII. Seeds are text: they do not fit the numbers of
// JavaScript.
std::string info_json(const std::string& file, const Reader& reader);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_INFO_JSON_H_
