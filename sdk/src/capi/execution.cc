// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "capi/execution.h"

#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

namespace mcnc::capi {
namespace {

constexpr uint32_t kMostThreads = 1024;

// The pieces of one run, each of which is done once whatever the caller's function does: a piece that it left out would
// be weights that nobody made.
class Pieces {
 public:
  Pieces(std::size_t pieces, const std::function<void(std::size_t)>& work) noexcept
      : pieces_(pieces), work_(work), begun_(new (std::nothrow) std::atomic<bool>[pieces]()) {}

  bool has_memory() const noexcept { return begun_ != nullptr; }
  void carry_out(std::size_t piece) {
    if (piece < pieces_ && !begun_[piece].exchange(true)) work_(piece);
  }
  void carry_out_all() {
    for (std::size_t i = 0; i < pieces_; ++i) carry_out(i);
  }

 private:
  std::size_t pieces_;
  const std::function<void(std::size_t)>& work_;
  std::unique_ptr<std::atomic<bool>[]> begun_;
};

class CallbackRunner final : public ParallelRunner {
 public:
  explicit CallbackRunner(const mcnc_execution& options) noexcept : options_(options) {}
  std::size_t threads() const noexcept override { return options_.run_threads; }
  void run(std::size_t pieces, const std::function<void(std::size_t)>& work) noexcept override {
    Pieces all(pieces, work);
    if (!all.has_memory()) {
      for (std::size_t i = 0; i < pieces; ++i) work(i);
      return;
    }
    const auto one = [](void* context, std::size_t piece) { static_cast<Pieces*>(context)->carry_out(piece); };
    try {
      options_.run(options_.run_context, pieces, one, &all);
    } catch (...) {  // whatever it was: what the function did not do is done here
    }
    all.carry_out_all();
  }

 private:
  mcnc_execution options_;
};

}  // namespace

Status ExecutionState::set(const mcnc_execution* from, Execution& execution) {
  mcnc_execution_init(&options);
  if (Status s = take(from, options); !s.ok()) return s;
  if (options.run != nullptr) {
    if (options.run_threads < 1 || options.run_threads > kMostThreads) {
      return bad_argument("run_threads, how many pieces of work `run` has under way, must be 1 to 1024");
    }
    runner = std::make_unique<CallbackRunner>(options);
  }
  const bool has_threads = options.run == nullptr && options.threads > 1;
  owner = has_threads || options.accelerator != nullptr ? ::getpid() : 0;
  execution.threads = options.threads;
  execution.runner = runner.get();
  execution.target = options.target == nullptr ? std::string_view() : std::string_view(options.target);
  execution.cancel = &cancel;
  if (options.progress != nullptr) {
    execution.progress = [this](const Progress& progress) -> Status {
      const Result<int> result =
          call_back("progress", options.progress, options.progress_context, progress.done, progress.total);
      if (!result.ok()) return result.status();
      if (*result == 0) return {};
      return {ErrorCode::kCancelled, "", "the progress function asked for the end"};
    };
  }
  return {};
}

bool ExecutionState::is_forked() const noexcept { return owner != 0 && owner != ::getpid(); }

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
