// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/program.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>

#include "common/interrupt.h"
#include "common/report.h"
#include "mcnc/boundary.h"
#include "mcnc/status.h"

namespace mcnc::tools {
namespace {

// An input or output opened below must not become a standard stream that the caller has closed, or a message would
// land in it. What stands there instead refuses every use.
void occupy_standard_streams() noexcept {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) != -1 || errno != EBADF) continue;
    if (::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) == -1) _exit(exit_code(ErrorCode::kRead));
  }
}

// The exception that is being handled, said to a person: without memory too.
int report_exception(const char* program) noexcept {
  const Status status = status_of_exception();
  try {
    return report(program, "", status);
  } catch (...) {
    std::fprintf(stderr, "%s: %s\n", program, status.message().c_str());
    return exit_code(status.code());
  }
}

const char* program_name = "";  // for what takes no arguments

// For what is thrown where nothing may be: the JSON library allocates in its destructors. There is no way back from
// there, so the program ends at once, without an abort. Files without a name vanish with it.
[[noreturn]] void end_at_once() noexcept {
  const int code = std::current_exception() ? report_exception(program_name) : exit_code(ErrorCode::kInternal);
  release_interrupts();
  _exit(code);
}

}  // namespace

int run_program(const char* program, int (*run)(int, char**), int argc, char** argv) noexcept {
  program_name = program;
  std::set_terminate(end_at_once);
  occupy_standard_streams();
  // A reader that has seen enough ends us silently, whatever our parent ignored.
  std::signal(SIGPIPE, SIG_DFL);
  int code = 0;
  try {
    code = run(argc, argv);
  } catch (...) {
    code = report_exception(program);
  }
  release_interrupts();
  return code;
}

}  // namespace mcnc::tools
