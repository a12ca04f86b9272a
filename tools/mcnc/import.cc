// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "commands.h"
#include "common/draft_output.h"
#include "common/escape.h"
#include "common/inputs.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/progress_line.h"
#include "common/report.h"
#include "import_model.h"
#include "import_peft.h"
#include "import_summary.h"
#include "mcnc/cost.h"
#include "mcnc/writer.h"
#include "open.h"
#include "recipe.h"
#include "safetensors_metadata.h"

namespace mcnc::tools {
namespace {

constexpr std::size_t kShownKeys = 5;  // of a file's metadata, in a message

// What the command line names is relative to where the program runs. Of a path that has been checked.
FileRef named_on_command_line(const std::string& file) {
  std::error_code no_matter;
  return {"--tensors", std::filesystem::absolute(file, no_matter).string()};
}

// Adds what the safetensors files say about themselves, all of which are open, in their order. Answers what a person
// should know of it: lines for standard error about keys that have no place.
std::string carry_metadata(const Recipe& recipe, const ImportOptions& options, Arrays& arrays,
                           std::vector<Metadata>& metadata) {
  std::vector<FileRef> files = recipe.files;
  for (const std::string& file : options.tensors) files.push_back(named_on_command_line(file));
  files.insert(files.end(), recipe.store_all.begin(), recipe.store_all.end());
  std::string text;
  std::set<std::string> seen;
  for (const FileRef& file : files) {
    const Result<SafetensorsModel*> model = arrays.open(file);
    if (!model.ok() || !seen.insert(file.file).second) continue;
    const std::vector<std::string> left_out = add_safetensors_metadata((*model)->metadata(), metadata);
    if (left_out.empty()) continue;
    std::string keys;
    for (std::size_t i = 0; i < std::min(left_out.size(), kShownKeys); ++i) keys += (i > 0 ? ", " : "") + left_out[i];
    if (left_out.size() > kShownKeys) keys += " and " + std::to_string(left_out.size() - kShownKeys) + " more";
    text += std::string(kProgram) + ": " + escape(file.file + ": left out of its metadata: " + keys) + "\n";
  }
  return text;
}

// Says on standard error which limits a decoder has to be given more of, for it refuses such a file by default.
void warn_of_limits(const std::string& file, const Cost& cost) {
  const Limits limits;
  const auto warn = [&](std::uint64_t takes, std::uint64_t limit, const char* what, const char* option) {
    if (takes <= limit) return;
    const std::string text = ": decoding it takes " + std::to_string(takes) + " " + what + ", more than the " +
                             std::to_string(limit) + " that are allowed by default: decode it with " + option + " " +
                             std::to_string(takes);
    std::fprintf(stderr, "%s: %s%s\n", kProgram, escape(file).c_str(), text.c_str());
  };
  warn(cost.output_bytes, limits.output_bytes, "bytes of output", "--max-output-bytes");
  warn(cost.multiply_adds, limits.multiply_adds, "multiply-adds", "--max-multiply-adds");
  warn(cost.scratch_bytes, limits.scratch_bytes, "bytes of memory beside its output", "--max-scratch-bytes");
}

// The model of the recipe once more, without the rounding that it asks for, in a draft that is thrown away, compared
// with the one that was made. bases: those of `made`.
Result<std::string> measure_rounding(const ImportOptions& options, const Recipe& recipe, Arrays& arrays, Reader& made,
                                     std::vector<std::unique_ptr<ModelFile>> bases) {
  Import import{recipe, arrays, options.limits, {}, {}, {}};
  import.bases = std::move(bases);
  import.model.manifest.bases = made.manifest().bases;
  for (Status (*const step)(Import&) : {import_generators, import_codes, import_tensors}) {
    if (Status s = step(import); !s.ok()) return s;
  }
  WriteOptions write;
  write.zstd_level = 1;
  for (const auto& base : import.bases) write.bases.push_back(base.get());
  write.execution.threads = options.threads;
  ProgressLine line("measuring what rounding changed");
  write.execution.progress = line.callback();
  const Result<std::unique_ptr<Draft>> draft = open_temporary_draft();
  if (!draft.ok()) return draft.status();
  if (Status s = write_draft(std::move(import.model), write, **draft); !s.ok()) return s;
  Allowance allowance(kUnlimited);
  Result<Reader> exact = Reader::open(borrow(**draft), allowance);
  if (!exact.ok()) return exact.status();
  return rounding_text(options.output, *exact, made, write.bases);
}

Status import_recipe(const ImportOptions& options) {
  if (Status s = check_output(options.output, options.force); !s.ok()) return s;
  const std::optional<std::string> folder = peft_folder(options.recipe);
  if (folder && !options.tensors.empty())
    return {ErrorCode::kArgument, "", "--tensors is for recipes, this is a folder"};
  const Result<Recipe> recipe = folder ? peft_recipe(*folder) : read_recipe(options.recipe);
  if (!recipe.ok()) return recipe.status();
  Arrays arrays(folder ? std::filesystem::path(*folder) : std::filesystem::path(options.recipe).parent_path());
  for (const FileRef& file : recipe->files) {
    if (Status s = arrays.search(file); !s.ok()) return s;
  }
  for (const std::string& file : options.tensors) {
    const FileRef named = named_on_command_line(file);
    if (file.empty() || named.file.empty()) {
      return {ErrorCode::kArgument, "", "--tensors: \"" + file + "\" is not the path of a file"};
    }
    if (Status s = arrays.search(named); !s.ok()) return s;
  }

  Import import{*recipe, arrays, options.limits, {}, {}, {}};
  for (Status (*const step)(Import&) : {import_generators, import_codes, import_bases, import_tensors}) {
    if (Status s = step(import); !s.ok()) return s;
  }
  import.model.manifest.metadata = recipe->metadata;
  const std::string left_out = carry_metadata(*recipe, options, arrays, import.model.manifest.metadata);
  if (folder) {
    if (Status s = check_peft(import); !s.ok()) return s;
  }
  if (!options.allow_non_finite) {
    if (Status s = check_finite(import, !folder); !s.ok()) return s;
  }
  std::vector<std::string> inputs = arrays.opened();
  inputs.push_back(options.recipe);
  for (const RecipeBase& base : recipe->bases) inputs.push_back(arrays.resolved(base.file).string());
  if (Status s = check_not_input(options.output, inputs); !s.ok()) return s;

  WriteOptions write;
  write.zstd_level = options.zstd_level;
  for (const auto& base : import.bases) write.bases.push_back(base.get());
  write.execution.threads = options.threads;
  ProgressLine line("writing " + options.output);
  write.execution.progress = line.callback();
  const Manifest manifest = import.model.manifest;  // for what it costs, once all its rules have been checked

  hold_interrupts();
  auto output = open_draft(options.output, options.force);
  if (!output.ok()) return output.status();
  Draft& draft = (*output)->draft();
  if (Status s = write_draft(std::move(import.model), write, draft); !s.ok()) return s;
  std::string said;
  if (!options.quiet) {
    Allowance allowance(kUnlimited);
    Result<Reader> made = Reader::open(borrow(draft), allowance);
    if (!made.ok()) return made.status();
    said = summary_text(options.output, *made, arrays.used_bytes());
    if (const std::optional<Recipe> exact = without_rounding(*recipe)) {
      const Result<std::string> moved = measure_rounding(options, *exact, arrays, *made, std::move(import.bases));
      if (!moved.ok()) return moved.status();
      said += *moved;
    }
  }
  if (Status s = (*output)->commit(); !s.ok()) return s;
  std::fputs((left_out + said).c_str(), stderr);
  warn_of_limits(options.output, *cost_of(manifest));
  return {};
}

}  // namespace

int import_file(const ImportOptions& options) {
  const int code = report(kProgram, options.recipe, import_recipe(options), std::span(&options.output, 1));
  release_interrupts();
  return code;
}

}  // namespace mcnc::tools
