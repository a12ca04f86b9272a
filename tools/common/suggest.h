// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_COMMON_SUGGEST_H_
#define MCNC_TOOLS_COMMON_SUGGEST_H_

#include <span>
#include <string>
#include <string_view>

namespace mcnc::tools {

// ` (did you mean "omega"?)`, with the word of `known` that `word` most likely was meant to be; nothing where
// none is near.
std::string suggestion(std::string_view word, std::span<const std::string_view> known);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_SUGGEST_H_
