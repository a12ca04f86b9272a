// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_COMMON_OUTPUT_H_
#define MCNC_TOOLS_COMMON_OUTPUT_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "mcnc/status.h"

namespace mcnc::tools {

// Where the bytes of a result go. A file appears whole at commit() or not at all; a stream takes bytes as they come.
class Output {
 public:
  virtual ~Output() = default;
  virtual Status write(std::span<const std::byte> bytes) = 0;
  // All bytes are written: makes the file appear. Without it nothing is left of a file.
  virtual Status commit() = 0;
};

// "-", a device or a pipe: bytes go there as they come, and nothing is replaced.
bool is_stream(const std::string& path);

// For models, which are no text: "-": standard output; a terminal is refused with kArgument. A device or pipe is
// written to as it is, which waits for a reader; an interrupt that is held (interrupt.h) ends the waiting. Anything
// else is a new file; one that exists is replaced only where `replace` is set (else kArgument). Symbolic links are
// followed: what they point to is made or replaced.
Result<std::unique_ptr<Output>> open_output(const std::string& path, bool replace);

// What open_output would refuse to replace or could not make, before the work for it is done.
Status check_output(const std::string& path, bool replace);

// A text as a file, which appears whole or not at all, or on standard output, terminals too. `path` and `replace` as of
// open_output.
Status write_text(const std::string& path, std::string_view text, bool replace);

// Text to standard output, at once. kWrite where it cannot be written.
Status print(std::string_view text);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_OUTPUT_H_
