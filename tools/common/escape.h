// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Text from a file, made safe to print: a name must not move the cursor, reorder the line or hide.
#ifndef MCNC_TOOLS_COMMON_ESCAPE_H_
#define MCNC_TOOLS_COMMON_ESCAPE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mcnc::tools {

// Backslash becomes `\\`; control, format, bidi and invisible characters `\u{hex}`; bytes that are not UTF-8 `\xhh`.
// Everything else stays. Different texts stay different.
std::string escape(std::string_view text);

// The reverse, or nothing where `text` is not a result of escape.
std::optional<std::string> unescape(std::string_view text);

// Terminal columns of escaped text, one a character.
std::size_t columns(std::string_view escaped) noexcept;

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_ESCAPE_H_
