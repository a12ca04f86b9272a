// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A .mcnc file from a pipe or another stream, whose preamble says how long it is.

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "container/preamble.h"
#include "mcnc/boundary.h"
#include "mcnc/file.h"
#include "mcnc/input.h"
#include "util/memory_input.h"

namespace mcnc {
namespace {

// Appends up to `more` bytes; fewer only at the end of the stream.
Status append(int fd, std::uint64_t more, std::vector<std::byte>& bytes) {
  constexpr std::uint64_t kStep = 1 << 16;
  while (more > 0) {
    const std::size_t had = bytes.size();
    bytes.resize(had + static_cast<std::size_t>(std::min(more, kStep)));
    const ssize_t n = ::read(fd, bytes.data() + had, bytes.size() - had);
    bytes.resize(had + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n < 0) {
      if (errno == EINTR) continue;
      return read_error("cannot read", errno);
    }
    if (n == 0) break;
    more -= static_cast<std::uint64_t>(n);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Input>> read_stream(int fd, std::uint64_t max_bytes) noexcept {
  return boundary([&]() -> Result<std::unique_ptr<Input>> {
    std::vector<std::byte> bytes;
    if (Status s = append(fd, layout::kPreambleSize, bytes); !s.ok()) return s;
    const Result<Preamble> preamble = parse_preamble(bytes);
    if (!preamble.ok()) return preamble.status();
    if (preamble->file_length > max_bytes) {
      return Status(ErrorCode::kLimit, "",
                    "the stream declares " + std::to_string(preamble->file_length) + " bytes, the limit is " +
                        std::to_string(max_bytes));
    }
    // One byte more than declared, so that trailing data is seen.
    if (Status s = append(fd, preamble->file_length - bytes.size() + 1, bytes); !s.ok()) return s;
    return std::unique_ptr<Input>(std::make_unique<MemoryInput>(std::move(bytes)));
  });
}

}  // namespace mcnc
