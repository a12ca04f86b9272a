// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// How fast weights are made, beside what they cost where they need no making. What else the machine does moves every
// number, so a memcpy is measured right before each case, in every round, and the ratios are what counts.

#include <fnmatch.h>

#include <algorithm>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "bench/decode_case.h"
#include "bench/device_cases.h"
#include "bench/dot_peak.h"
#include "bench/figures.h"
#include "bench/memory_cases.h"
#include "bench/models.h"
#include "bench/safetensors_case.h"
#include "bench/timer.h"
#include "bench/zstd_case.h"
#include "commands.h"
#include "common/output.h"
#include "common/report.h"
#include "mcnc/thread_pool.h"
#include "mcnc/units.h"

namespace mcnc::tools {
namespace {

constexpr char kMemset[] = "memset";
constexpr char kUpload[] = "upload";
constexpr char kZstd[] = "zstd-3";
constexpr char kSafetensors[] = "safetensors";
constexpr std::uint64_t kZstdSlowness = 4;

bool wanted(const BenchOptions& options, const std::string& name) {
  return ::fnmatch(options.cases.c_str(), name.c_str(), 0) == 0;
}

// What the cases work on; stays where it is.
struct Bench {
  std::vector<std::byte> in;
  std::vector<std::byte> out;
  std::map<std::string, std::vector<std::byte>> files;  // by name of the model
  std::optional<ZstdWeights> zstd;
  std::optional<SafetensorsReader> safetensors;
  std::list<ThreadPool> pools;  // one for each of options.threads
  DeviceMemory device;          // of options.accelerator, where that is
};

// The files of those that are wanted.
Status write_models(const BenchOptions& options, const std::vector<BenchModel>& models, Bench& bench) {
  for (const BenchModel& model : models) {
    if (!wanted(options, model.name)) continue;
    Result<std::vector<std::byte>> bytes = write_bench_model(model, options.size / model.slowness);
    if (!bytes.ok()) return bytes.status();
    bench.files[model.name] = *std::move(bytes);
  }
  return {};
}

Status prepare_device(const BenchOptions& options, const std::vector<BenchModel>& models, Bench& bench) {
  bench.pools.emplace_back(1);
  Result<DeviceMemory> memory = DeviceMemory::allocate(options.accelerator, options.size);
  if (!memory.ok()) return memory.status();
  bench.device = *std::move(memory);
  if (wanted(options, kUpload)) bench.in.assign(static_cast<std::size_t>(options.size), std::byte{1});
  return write_models(options, models, bench);
}

Status prepare(const BenchOptions& options, const std::vector<BenchModel>& models, Bench& bench) {
  const auto size = static_cast<std::size_t>(options.size);
  bench.out.assign(size, std::byte{1});
  for (const unsigned threads : options.threads) bench.pools.emplace_back(threads);

  // Weights, not zeros: zstd looks at them.
  const Result<std::vector<std::byte>> file = write_bench_model(models.front(), options.size);
  if (!file.ok()) return file.status();
  bench.in.assign(size, std::byte{1});
  const Result<Case> fill = decode_case(models.front(), *file, options.target, true, bench.pools.back(), bench.in);
  if (!fill.ok()) return fill.status();
  if (Status s = fill->run(); !s.ok()) return s;

  if (Status s = write_models(options, models, bench); !s.ok()) return s;
  if (wanted(options, kZstd)) {
    const std::span weights = std::span(bench.in).first(size / kZstdSlowness);
    Result<ZstdWeights> zstd = ZstdWeights::compress(weights);
    if (!zstd.ok()) return zstd.status();
    bench.zstd = *std::move(zstd);
  }
  if (wanted(options, kSafetensors)) {
    Result<SafetensorsReader> safetensors = write_safetensors(bench.in);
    if (!safetensors.ok()) return safetensors.status();
    bench.safetensors = *std::move(safetensors);
  }
  return {};
}

// memcpy first, of a device within its memory.
Result<std::vector<Case>> device_cases(const BenchOptions& options, const std::vector<BenchModel>& models,
                                       const Bench& bench) {
  std::vector<Case> cases = {device_copy_case(bench.device)};
  if (wanted(options, kUpload)) cases.push_back(upload_case(bench.device, bench.in));
  for (const BenchModel& model : models) {
    const auto file = bench.files.find(model.name);
    if (file == bench.files.end()) continue;
    for (const bool digests : {false, true}) {
      Result<Case> made = device_decode_case(model, file->second, digests, bench.device);
      if (!made.ok()) return made.status();
      cases.push_back(*std::move(made));
    }
  }
  return cases;
}

// memcpy first.
Result<std::vector<Case>> cases_of(const BenchOptions& options, const std::vector<BenchModel>& models, Bench& bench,
                                   ThreadPool& threads) {
  std::vector<Case> cases = {memcpy_case(bench.in, bench.out, threads)};
  if (wanted(options, kMemset)) cases.push_back(memset_case(bench.out, threads));
  if (bench.safetensors) cases.push_back(safetensors_case(*bench.safetensors, bench.out, threads));
  if (bench.zstd) cases.push_back(bench.zstd->decompress_case(bench.out, threads));
  for (const BenchModel& model : models) {
    const auto file = bench.files.find(model.name);
    if (file == bench.files.end()) continue;
    for (const bool digests : {false, true}) {
      Result<Case> made = decode_case(model, file->second, options.target, digests, threads, bench.out);
      if (!made.ok()) return made.status();
      cases.push_back(*std::move(made));
    }
  }
  return cases;
}

// One round of the cases of one number of threads; memcpy comes first, and again right before each of the others.
Status measure(std::span<Figure> figures, ThreadPool& threads) {
  const Case& copy = figures.front().what;
  for (Figure& figure : figures) {
    const Case& what = figure.what;
    const Result<double> copy_seconds = seconds_of(copy.run);
    const Result<double> seconds = &what == &copy ? copy_seconds : seconds_of(what.run);
    if (!seconds.ok()) return seconds.status();
    figure.seconds.push_back(*seconds);
    figure.ratios.push_back(static_cast<double>(what.bytes) / *seconds /
                            (static_cast<double>(copy.bytes) / *copy_seconds));
    if (what.int8_layers && has_dot_peak(what.target)) figure.peaks.push_back(measure_dot_peak(threads));
  }
  return {};
}

std::string heading(const BenchOptions& options) {
  const std::string_view target = options.target.empty() ? default_target() : options.target;
  const std::string where = options.accelerator == nullptr
                                ? "target " + std::string(target)
                                : "in the memory of " + std::string(options.accelerator->name());
  return where + ", " + human_bytes(options.size) + " of output, " + counted(options.rounds, "round") +
         "; x memcpy: median, min and max of the ratios to a memcpy right before\n\n";
}

Status run_bench(const BenchOptions& options) {
  const std::vector<BenchModel> models = bench_models();
  std::vector<std::string> names = {"memcpy"};
  if (options.accelerator != nullptr) {
    names.emplace_back(kUpload);
  } else {
    names.insert(names.end(), {kMemset, kSafetensors, kZstd});
  }
  for (const BenchModel& model : models) names.push_back(model.name);
  if (std::ranges::none_of(names, [&](const std::string& name) { return wanted(options, name); })) {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    return {ErrorCode::kArgument, "", "--cases: " + options.cases + " matches none of " + all};
  }

  Bench bench;
  const bool on_device = options.accelerator != nullptr;
  if (Status s = on_device ? prepare_device(options, models, bench) : prepare(options, models, bench); !s.ok())
    return s;
  std::vector<std::vector<Figure>> figures;  // by number of threads
  for (ThreadPool& threads : bench.pools) {
    Result<std::vector<Case>> cases =
        on_device ? device_cases(options, models, bench) : cases_of(options, models, bench, threads);
    if (!cases.ok()) return cases.status();
    std::vector<Figure>& group = figures.emplace_back();
    for (Case& what : *cases) {
      if (Status s = what.run(); !s.ok()) return s;  // expands generators, wakes threads
      group.push_back({std::move(what), {}, {}, {}});
    }
  }
  for (unsigned round = 0; round < options.rounds; ++round) {
    std::size_t group = 0;
    for (ThreadPool& threads : bench.pools) {
      if (Status s = measure(figures[group++], threads); !s.ok()) return s;
    }
  }
  std::vector<Figure> all;
  for (std::vector<Figure>& group : figures) std::ranges::move(group, std::back_inserter(all));
  return print(options.json ? figures_json(all) : heading(options) + figures_table(all));
}

}  // namespace

int bench(const BenchOptions& options) { return report(kProgram, "", run_bench(options)); }

}  // namespace mcnc::tools
