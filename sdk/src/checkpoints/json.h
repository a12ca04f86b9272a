// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_CHECKPOINTS_JSON_H_
#define MCNC_CHECKPOINTS_JSON_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

#include "mcnc/status.h"

namespace mcnc {

// A JSON document, in time that grows as the text does. kArgument, with line and column, where it is none; where an
// object has a key twice, is nested deeper than `most_depth`, or a number is larger than a double can be; and where the
// text begins with a byte order mark or has a NUL byte.
Result<nlohmann::json> parse_json(std::string_view text, std::size_t most_depth);

}  // namespace mcnc

#endif  // MCNC_CHECKPOINTS_JSON_H_
