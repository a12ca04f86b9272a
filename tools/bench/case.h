// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What `mcnc bench` times.
#ifndef MCNC_TOOLS_BENCH_CASE_H_
#define MCNC_TOOLS_BENCH_CASE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "mcnc/status.h"

namespace mcnc::tools {

struct Case {
  std::string name;
  unsigned threads = 1;
  std::string_view target = {};     // "": it decodes no .mcnc file
  bool digests = false;             // checks the tensor's digest
  std::uint64_t bytes = 0;          // that one run writes
  std::uint64_t weights = 0;        // that they are; 0: just bytes
  std::uint64_t multiply_adds = 0;  // for them
  bool int8_layers = false;         // nearly all of them in hidden int8 layers
  std::function<Status()> run;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_BENCH_CASE_H_
