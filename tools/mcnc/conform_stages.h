// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_MCNC_CONFORM_STAGES_H_
#define MCNC_TOOLS_MCNC_CONFORM_STAGES_H_

#include <nlohmann/json.hpp>
#include <span>

#include "mcnc/base.h"
#include "mcnc/reader.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// Digests of what a decoder has computed on its way to the weights (conformance/PROTOCOL.md, "Stages"). Neither
// fingerprints nor tensor digests are compared: a file that fails them is where stages are of use. Errors are those of
// reading segments, base models and their values. bases: one for each of the manifest's.
Result<nlohmann::ordered_json> record_stages(Reader& reader, std::span<BaseModel* const> bases);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_CONFORM_STAGES_H_
