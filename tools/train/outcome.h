// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_TRAIN_OUTCOME_H_
#define MCNC_TOOLS_TRAIN_OUTCOME_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mcnc/status.h"
#include "train/train.h"

namespace mcnc::tools {

// What a training came to. Accuracies are parts of 1.
struct Outcome {
  std::uint64_t weights;
  std::uint64_t stored_numbers;
  std::uint64_t file_bytes;
  TrainingResult trained;
  double test_accuracy;
  double decoded_test_accuracy;  // of the file, read back
};

// 0.8631 as "86.31 %".
std::string percent(double part);

// (what, value) for people.
std::vector<std::pair<std::string, std::string>> outcome_rows(const Outcome& outcome);

// On standard output: a table, or one JSON object.
Status print_outcome(const Outcome& outcome, bool json);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_TRAIN_OUTCOME_H_
