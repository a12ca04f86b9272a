// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

namespace mcnc::tools {

bool is_terminal(int fd) noexcept { return ::isatty(fd) == 1; }

std::size_t terminal_width(int fd) noexcept {
  constexpr std::size_t kUnsaid = 80;
  constexpr std::size_t kLeast = 40;
  winsize size = {};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUnsaid;
  return std::max(kLeast, static_cast<std::size_t>(size.ws_col));
}

}  // namespace mcnc::tools
