// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Texts that people and programs hand over: never more of them in memory than was agreed, whatever the file is.
// Part of the library mcnc-checkpoints; both functions are thread-safe, and throw std::bad_alloc.
#ifndef MCNC_TEXT_FILE_H_
#define MCNC_TEXT_FILE_H_

#include <cstddef>
#include <istream>
#include <string>

#include "mcnc/status.h"

namespace mcnc {

// All of a file, a pipe or a device; "-" is standard input. A text of more than `most` bytes is refused with `too_long`
// once that many have been read. kRead where it cannot be read. Messages of both name the file.
Result<std::string> read_text(const std::string& path, std::size_t most, ErrorCode too_long);

// The next line of a stream, without its end. False at the end of the stream, and where the line is longer than `most`
// bytes: then the stream has failed, but not ended.
bool read_line(std::istream& stream, std::string& line, std::size_t most);

}  // namespace mcnc

#endif  // MCNC_TEXT_FILE_H_
