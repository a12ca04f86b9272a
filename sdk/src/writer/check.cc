// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <cstdint>
#include <limits>
#include <string>

#include "manifest/difference.h"
#include "mcnc/boundary.h"
#include "mcnc/writer.h"

namespace mcnc {

Result<Reader> reopen_draft(Draft& draft, const Manifest& manifest) noexcept {
  return boundary([&]() -> Result<Reader> {
    constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
    Allowance allowance({kAny, kAny, kAny});
    Result<Reader> reader = Reader::open(borrow(draft), allowance);
    if (!reader.ok()) return reader;
    const std::string difference = first_difference(reader->manifest(), manifest);
    if (difference.empty()) return reader;
    return Status(ErrorCode::kWrite, "",
                  "the file as it was written does not read back as it was meant: " + difference + " is another one");
  });
}

}  // namespace mcnc
