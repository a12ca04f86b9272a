// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_COMMON_TERMINAL_H_
#define MCNC_TOOLS_COMMON_TERMINAL_H_

#include <cstddef>

namespace mcnc::tools {

// Whether a person looks at what is written there.
bool is_terminal(int fd) noexcept;

// Columns of the terminal, at least 40 and 80 where it does not say.
std::size_t terminal_width(int fd) noexcept;

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_TERMINAL_H_
