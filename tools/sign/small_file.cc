// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "sign/small_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "mcnc/file.h"
#include "mcnc/units.h"

namespace mcnc::tools {

Result<std::string> read_small_file(const std::string& path, std::size_t most) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return read_error(path, errno);
  std::string text;
  std::array<char, 16384> piece;
  while (true) {
    const ssize_t n = ::read(file.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return read_error(path, errno);
    if (n == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(n));
    if (text.size() > most) return Status(ErrorCode::kArgument, "", path + ": is longer than " + human_bytes(most));
  }
}

}  // namespace mcnc::tools
