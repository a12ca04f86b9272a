// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Texts that people and programs hand over: never more of them in memory than was agreed, whatever the file is.
#ifndef MCNC_CHECKPOINTS_TEXT_FILE_H_
#define MCNC_CHECKPOINTS_TEXT_FILE_H_

#include <cstddef>
#include <istream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "mcnc/status.h"

namespace mcnc {

// All of a file, a pipe or a device; "-" is standard input. A text of more than `most` bytes is refused with `too_long`
// once that many have been read. kRead where it cannot be read. Messages of both name the file.
Result<std::string> read_text(const std::string& path, std::size_t most, ErrorCode too_long);

// The next line of a stream, without its end. False at the end of the stream, and where the line is longer than `most`
// bytes: then the stream has failed, but not ended.
bool read_line(std::istream& stream, std::string& line, std::size_t most);

// A JSON document, in time that grows as the text does. kArgument, with line and column, where it is none; where an
// object has a key twice, is nested deeper than `most_depth`, or a number is larger than a double can be; and where the
// text begins with a byte order mark or has a NUL byte.
Result<nlohmann::json> parse_json(std::string_view text, std::size_t most_depth);

}  // namespace mcnc

#endif  // MCNC_CHECKPOINTS_TEXT_FILE_H_
