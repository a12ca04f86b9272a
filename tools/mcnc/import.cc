// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include "commands.h"
#include "common/draft_output.h"
#include "common/escape.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/report.h"
#include "import_model.h"
#include "manifest/cost.h"
#include "recipe.h"
#include "writer/write.h"

namespace mcnc::tools {
namespace {

// Says on standard error which limits a decoder has to be given more of, for it refuses such a file by default.
void warn_of_limits(const std::string& file, const Cost& cost) {
  const Limits limits;
  const auto warn = [&](std::uint64_t takes, std::uint64_t limit, const char* what, const char* option) {
    if (takes <= limit) return;
    std::fprintf(stderr, "%s: %s: decoding it takes %s %s, more than the %s that are allowed by default: decode it with %s %s\n",
                 kProgram, escape(file).c_str(), std::to_string(takes).c_str(), what, std::to_string(limit).c_str(),
                 option, std::to_string(takes).c_str());
  };
  warn(cost.output_bytes, limits.output_bytes, "bytes of output", "--max-output-bytes");
  warn(cost.multiply_adds, limits.multiply_adds, "multiply-adds", "--max-multiply-adds");
  warn(cost.scratch_bytes, limits.scratch_bytes, "bytes of memory beside its output", "--max-scratch-bytes");
}

Status import_recipe(const ImportOptions& options) {
  if (Status s = check_output(options.output, options.force); !s.ok()) return s;
  const Result<Recipe> recipe = read_recipe(options.recipe);
  if (!recipe.ok()) return recipe.status();
  Arrays arrays(std::filesystem::path(options.recipe).parent_path());
  for (const FileRef& file : recipe->files) {
    if (Status s = arrays.search(file); !s.ok()) return s;
  }
  for (const std::string& file : options.tensors) {
    // What the command line names is relative to where the program runs.
    if (Status s = arrays.search({"--tensors", std::filesystem::absolute(file).string()}); !s.ok()) return s;
  }

  Import import{*recipe, arrays, options.limits, {}, {}, {}};
  for (Status (*const step)(Import&) : {import_generators, import_codes, import_bases, import_tensors}) {
    if (Status s = step(import); !s.ok()) return s;
  }
  import.model.manifest.metadata = recipe->metadata;

  WriteOptions write;
  write.zstd_level = options.zstd_level;
  for (const auto& base : import.bases) write.bases.push_back(base.get());
  write.proceed = check_interrupt;
  write.threads = options.threads;
  const Manifest manifest = import.model.manifest;  // for what it costs, once all its rules have been checked

  hold_interrupts();
  auto output = open_draft(options.output, options.force);
  if (!output.ok()) return output.status();
  if (Status s = write_model(std::move(import.model), write, (*output)->draft()); !s.ok()) return s;
  if (Status s = (*output)->commit(); !s.ok()) return s;
  warn_of_limits(options.output, *cost_of(manifest));
  return {};
}

}  // namespace

int import_file(const ImportOptions& options) {
  const int code = report(kProgram, options.recipe, import_recipe(options));
  release_interrupts();
  return code;
}

}  // namespace mcnc::tools
