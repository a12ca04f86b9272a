// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "mcnc/file.h"
#include "mcnc/units.h"

namespace mcnc {

Result<std::string> read_text(const std::string& path, std::size_t most, ErrorCode too_long) {
  constexpr std::size_t kStep = std::size_t{1} << 16;
  const FileDescriptor owned(path == "-" ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (path != "-" && !owned.valid()) return read_error(path, errno);
  const int fd = path == "-" ? STDIN_FILENO : owned.get();
  std::string text;
  std::size_t length = 0;
  while (true) {
    if (text.size() - length < kStep) text.resize(std::max(2 * text.size(), 2 * kStep));
    const ssize_t n = ::read(fd, text.data() + length, kStep);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return read_error(path == "-" ? "standard input" : path, errno);
    if (n == 0) break;
    length += static_cast<std::size_t>(n);
    if (length > most) return Status(too_long, "", path + ": is longer than " + human_bytes(most));
  }
  text.resize(length);
  return text;
}

bool read_line(std::istream& stream, std::string& line, std::size_t most) {
  line.clear();
  std::istream::int_type c = stream.get();
  if (c == std::istream::traits_type::eof()) return false;
  for (; c != std::istream::traits_type::eof() && c != '\n'; c = stream.get()) {
    if (line.size() == most) {
      stream.setstate(std::ios::failbit);
      return false;
    }
    line += static_cast<char>(c);
  }
  // A last line that nothing ends is one too.
  if (stream.eof() && !stream.bad()) stream.clear(std::ios::eofbit);
  return true;
}

}  // namespace mcnc
