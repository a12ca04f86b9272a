// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "commands.h"
#include "common/draft_output.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/report.h"
#include "import_model.h"
#include "import_peft.h"
#include "recipe.h"
#include "writer/write.h"

namespace mcnc::tools {
namespace {

Status import_recipe(const ImportOptions& options) {
  if (Status s = check_output(options.output, options.force); !s.ok()) return s;
  const std::optional<std::string> folder = peft_folder(options.recipe);
  if (folder && !options.tensors.empty()) return {Code::kArgument, "", "--tensors is for recipes, this is a folder"};
  const Result<Recipe> recipe = folder ? peft_recipe(*folder) : read_recipe(options.recipe);
  if (!recipe.ok()) return recipe.status();
  Arrays arrays(folder ? std::filesystem::path(*folder) : std::filesystem::path(options.recipe).parent_path());
  for (const FileRef& file : recipe->files) {
    if (Status s = arrays.search(file); !s.ok()) return s;
  }
  for (const std::string& file : options.tensors) {
    // What the command line names is relative to where the program runs.
    if (Status s = arrays.search({"--tensors", std::filesystem::absolute(file).string()}); !s.ok()) return s;
  }

  Import import{*recipe, arrays, {}, {}, {}};
  for (Status (*const step)(Import&) : {import_generators, import_codes, import_bases, import_tensors}) {
    if (Status s = step(import); !s.ok()) return s;
  }
  import.model.manifest.metadata = recipe->metadata;
  if (folder) {
    if (Status s = check_peft(import); !s.ok()) return s;
  }
  if (!options.allow_non_finite) {
    if (Status s = check_finite(import, !folder); !s.ok()) return s;
  }

  WriteOptions write;
  write.zstd_level = options.zstd_level;
  for (const auto& base : import.bases) write.bases.push_back(base.get());
  write.proceed = check_interrupt;

  hold_interrupts();
  auto output = open_draft(options.output, options.force);
  if (!output.ok()) return output.status();
  if (Status s = write_model(std::move(import.model), write, (*output)->draft()); !s.ok()) return s;
  return (*output)->commit();
}

}  // namespace

int import_file(const ImportOptions& options) {
  const int code = report(kProgram, options.recipe, import_recipe(options));
  release_interrupts();
  return code;
}

}  // namespace mcnc::tools
