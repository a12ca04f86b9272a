// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_SIGN_SMALL_FILE_H_
#define MCNC_TOOLS_SIGN_SMALL_FILE_H_

#include <cstddef>
#include <string>

#include "mcnc/status.h"

namespace mcnc::tools {

// All of a file or a pipe, such as a key, a password or a bundle. kRead where it cannot be read; kArgument where it has
// more than `most` bytes, which are then not all read. Messages name the file.
Result<std::string> read_small_file(const std::string& path, std::size_t most);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_SIGN_SMALL_FILE_H_
