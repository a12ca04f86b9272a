// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "train/outcome.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/output.h"
#include "common/table.h"
#include "mcnc/units.h"

namespace mcnc::tools {
namespace {

std::string decimal(double value, int decimals, const char* unit) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f%s", decimals, value, unit);
  return text.data();
}

double byte_ratio(const Outcome& outcome) {
  return static_cast<double>(outcome.weights * sizeof(float)) / static_cast<double>(outcome.file_bytes);
}

}  // namespace

std::string percent(double part) { return decimal(100 * part, 2, " %"); }

std::vector<std::pair<std::string, std::string>> outcome_rows(const Outcome& outcome) {
  return {
      {"weights", grouped(outcome.weights)},
      {"stored numbers", grouped(outcome.stored_numbers)},
      {"file", human_bytes(outcome.file_bytes)},
      {"smaller than float32", decimal(byte_ratio(outcome), 1, " times")},
      {"training accuracy", percent(outcome.trained.epochs.back().accuracy)},
      {"test accuracy", percent(outcome.test_accuracy)},
      {"test accuracy, decoded", percent(outcome.decoded_test_accuracy)},
      {"training time", decimal(outcome.trained.seconds, 1, " s")},
  };
}

Status print_outcome(const Outcome& outcome, bool json) {
  if (json) {
    const nlohmann::ordered_json result = {
        {"weights", outcome.weights},
        {"stored_numbers", outcome.stored_numbers},
        {"file_bytes", outcome.file_bytes},
        {"byte_ratio", byte_ratio(outcome)},
        {"train_accuracy", outcome.trained.epochs.back().accuracy},
        {"test_accuracy", outcome.test_accuracy},
        {"decoded_test_accuracy", outcome.decoded_test_accuracy},
        {"seconds", outcome.trained.seconds},
    };
    return print(result.dump() + "\n");
  }
  Table table("lr");
  for (const auto& [what, value] : outcome_rows(outcome)) table.add({what, value});
  return print(table.to_string(""));
}

}  // namespace mcnc::tools
