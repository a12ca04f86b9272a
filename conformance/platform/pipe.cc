// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Little enough to be built once for each platform:
//   mcnc-pipe [THREADS]   as `mcnc conform --pipe`
//   mcnc-pipe --target    names the instruction set it decodes with

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "kernels/kernels.h"
#include "mcnc/commands.h"

int main(int argc, char** argv) {
  mcnc::tools::ConformOptions options;
  options.pipe = true;
  if (argc > 1) {
    if (argv[1] == std::string_view("--target")) {
      std::cout << mcnc::default_kernels().name << '\n';
      return 0;
    }
    options.threads = static_cast<unsigned>(std::atoi(argv[1]));
  }
  return mcnc::tools::conform(options);
}
