// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decoder/executor.h"

#include <algorithm>
#include <string>

namespace mcnc {

Result<std::unique_ptr<Executor>> Executor::create(const Execution& execution) {
  constexpr unsigned kMostThreads = 1024;
  if (execution.runner == nullptr && (execution.threads < 1 || execution.threads > kMostThreads)) {
    return Status(ErrorCode::kArgument, "", "threads must be 1 to 1024");
  }
  const Kernels* kernels = execution.target.empty() ? &default_kernels() : find_kernels(execution.target);
  if (kernels == nullptr) {
    return Status(ErrorCode::kArgument, "", "this processor has no target " + std::string(execution.target));
  }
  return std::unique_ptr<Executor>(new Executor(execution, *kernels));
}

Executor::Executor(const Execution& execution, const Kernels& kernels) : execution_(execution), kernels_(kernels) {
  if (execution.runner == nullptr) pool_.emplace(execution.threads);
}

void Executor::begin(std::uint64_t total) noexcept {
  progress_ = {0, total};
  step_end_ = 0;
}

Status Executor::step(std::uint64_t bytes) {
  progress_.done = step_end_;
  step_end_ += bytes;
  return report();
}

Status Executor::advance(std::uint64_t bytes) {
  progress_.done += std::min(bytes, step_end_ - progress_.done);
  return report();
}

Status Executor::report() const {
  if (is_cancelled()) return {ErrorCode::kCancelled, "", "cancelled"};
  return execution_.progress ? execution_.progress(progress_) : Status();
}

std::vector<std::string_view> supported_targets() {
  std::vector<std::string_view> names;
  for (const Kernels* kernels : supported_kernels()) names.push_back(kernels->name);
  return names;
}

std::string_view default_target() noexcept { return default_kernels().name; }

}  // namespace mcnc
