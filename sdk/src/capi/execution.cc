// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "capi/execution.h"

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

namespace mcnc::capi {
namespace {

class CallbackRunner final : public ParallelRunner {
 public:
  explicit CallbackRunner(const mcnc_execution& options) noexcept : options_(options) {}
  std::size_t threads() const noexcept override { return options_.run_threads; }
  void run(std::size_t pieces, const std::function<void(std::size_t)>& work) noexcept override {
    const auto one = [](void* context, std::size_t piece) {
      (*static_cast<const std::function<void(std::size_t)>*>(context))(piece);
    };
    // C has no pointers to const that are passed through unchanged; `one` makes it const again.
    options_.run(options_.run_context, pieces, one, const_cast<std::function<void(std::size_t)>*>(&work));
  }

 private:
  mcnc_execution options_;
};

}  // namespace

Status ExecutionState::set(const mcnc_execution* from, Execution& execution) {
  mcnc_execution_init(&options);
  if (Status s = take(from, options); !s.ok()) return s;
  if (options.run != nullptr) {
    if (options.run_threads == 0) return bad_argument("run_threads is 0: how many pieces of work `run` has under way");
    runner = std::make_unique<CallbackRunner>(options);
  }
  execution.threads = options.threads;
  execution.runner = runner.get();
  execution.target = options.target == nullptr ? std::string_view() : std::string_view(options.target);
  execution.cancel = &cancel;
  if (options.progress != nullptr) {
    execution.progress = [this](const Progress& progress) -> Status {
      if (options.progress(options.progress_context, progress.done, progress.total) == 0) return {};
      return {ErrorCode::kCancelled, "", "the progress function asked for the end"};
    };
  }
  return {};
}

}  // namespace mcnc::capi

void mcnc_execution_init(mcnc_execution* execution) {
  if (execution == nullptr) return;
  *execution = {};
  execution->struct_size = sizeof(mcnc_execution);
  execution->threads = 1;
}

const char* mcnc_target_name(size_t index) {
  const auto name = [&]() -> mcnc::Result<const char*> {
    const std::vector<std::string_view> names = mcnc::supported_targets();
    return index < names.size() ? names[index].data() : nullptr;  // a string literal, which ends with a 0
  };
  const mcnc::Result<const char*> found = mcnc::boundary(name);
  return found.ok() ? *found : nullptr;
}
