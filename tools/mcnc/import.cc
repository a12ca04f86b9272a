// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "commands.h"
#include "common/draft_output.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/report.h"
#include "import_model.h"
#include "import_summary.h"
#include "open.h"
#include "recipe.h"
#include "writer/write.h"

namespace mcnc::tools {
namespace {

// The model of the recipe once more, without the rounding that it asks for, in a draft that is thrown away, compared
// with the one that was made. bases: those of `made`.
Result<std::string> measure_rounding(const ImportOptions& options, const Recipe& recipe, Arrays& arrays, Reader& made,
                                     std::vector<std::unique_ptr<ModelFile>> bases) {
  Import import{recipe, arrays, {}, {}, {}};
  import.bases = std::move(bases);
  import.model.manifest.bases = made.manifest().bases;
  for (Status (*const step)(Import&) : {import_generators, import_codes, import_tensors}) {
    if (Status s = step(import); !s.ok()) return s;
  }
  WriteOptions write;
  write.zstd_level = 1;
  for (const auto& base : import.bases) write.bases.push_back(base.get());
  write.proceed = check_interrupt;
  const Result<std::unique_ptr<Draft>> draft = open_temporary_draft();
  if (!draft.ok()) return draft.status();
  if (Status s = write_model(std::move(import.model), write, **draft); !s.ok()) return s;
  Allowance allowance(kUnlimited);
  Result<Reader> exact = Reader::open(borrow(**draft), allowance);
  if (!exact.ok()) return exact.status();
  return rounding_text(options.output, *exact, made, write.bases);
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
    std::error_code error;
    const std::filesystem::path path = std::filesystem::absolute(file, error);
    if (file.empty() || error) return {Code::kArgument, "", "--tensors: \"" + file + "\" is not the path of a file"};
    if (Status s = arrays.search({"--tensors", path.string()}); !s.ok()) return s;
  }

  Import import{*recipe, arrays, {}, {}, {}};
  for (Status (*const step)(Import&) : {import_generators, import_codes, import_bases, import_tensors}) {
    if (Status s = step(import); !s.ok()) return s;
  }
  import.model.manifest.metadata = recipe->metadata;

  WriteOptions write;
  write.zstd_level = options.zstd_level;
  for (const auto& base : import.bases) write.bases.push_back(base.get());
  write.proceed = check_interrupt;

  hold_interrupts();
  auto output = open_draft(options.output, options.force);
  if (!output.ok()) return output.status();
  Draft& draft = (*output)->draft();
  if (Status s = write_model(std::move(import.model), write, draft); !s.ok()) return s;
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
  std::fputs(said.c_str(), stderr);
  return {};
}

}  // namespace

int import_file(const ImportOptions& options) {
  const int code = report(kProgram, options.recipe, import_recipe(options), std::span(&options.output, 1));
  release_interrupts();
  return code;
}

}  // namespace mcnc::tools
