// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Numbered pieces of work that can fail, on the threads of a caller who may not be trusted to run them all.
#ifndef MCNC_UTIL_RUN_PIECES_H_
#define MCNC_UTIL_RUN_PIECES_H_

#include <algorithm>
#include <cstddef>
#include <vector>

#include "mcnc/boundary.h"
#include "mcnc/fp_environment.h"
#include "mcnc/parallel.h"
#include "mcnc/status.h"

namespace mcnc {

// work(i) -> Status for each piece, in FpEnvironment's environment. The first piece that failed, or threw, says why.
template <typename Work>
Status run_pieces(ParallelRunner& runner, std::size_t pieces, const Work& work) {
  const Status not_run(ErrorCode::kArgument, "", "the caller's threads did not run every piece of the work");
  std::vector<Status> results(pieces, not_run);
  runner.run(pieces, [&](std::size_t i) {
    results[i] = boundary([&]() -> Status {
      const FpEnvironment environment;
      return work(i);
    });
  });
  const auto failed = std::ranges::find_if(results, [](const Status& status) { return !status.ok(); });
  return failed == results.end() ? Status() : *failed;
}

}  // namespace mcnc

#endif  // MCNC_UTIL_RUN_PIECES_H_
