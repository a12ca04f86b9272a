// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What each byte of a file is for, as far as it makes sense: for people who repair a file or write a decoder. Nothing
// is decompressed, and memory does not depend on what the file claims.
#ifndef MCNC_TOOLS_MCNC_BYTE_RANGES_H_
#define MCNC_TOOLS_MCNC_BYTE_RANGES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "mcnc/input.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// Texts are safe to print.
struct ByteRange {
  std::uint64_t offset;
  std::uint64_t bytes;
  std::string what;         // "manifest", "segment 3: codes 0 alpha"
  std::string first_bytes;  // in hexadecimal; " ..." at the end where there are more
  std::string note;         // a value, or what was found wrong; "" where there is nothing to say
};

// Adds the ranges of all that can be read, in the order of the file. Returns what is wrong with segments and the
// padding before them, the first of it; Reader::open judges the rest.
Status find_byte_ranges(Input& input, std::vector<ByteRange>& ranges);

// As `mcnc dump --json` prints them. file: its name.
std::string byte_ranges_json(const std::string& file, const std::vector<ByteRange>& ranges);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_BYTE_RANGES_H_
