// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What `import` says of the file that it made.
#ifndef MCNC_TOOLS_MCNC_IMPORT_SUMMARY_H_
#define MCNC_TOOLS_MCNC_IMPORT_SUMMARY_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "mcnc/base.h"
#include "mcnc/reader.h"
#include "mcnc/status.h"
#include "recipe.h"

namespace mcnc::tools {

// Lines for standard error: what the file called `file` holds, how many times smaller it is than what it decodes to and
// than the `source_bytes` of tensors that it was made of, and plainly where it is larger.
std::string summary_text(const std::string& file, const Reader& made, std::uint64_t source_bytes);

// The recipe without the types that it names for codes, generators and theta0, and with no more tensors than those that
// rounding to such a type can change. Nothing where it names none.
std::optional<Recipe> without_rounding(const Recipe& recipe);

// Lines for standard error: how far the tensors of `exact`, made by such a recipe, are from those of the same names in
// `made`. bases: one for each of the base models of both files.
Result<std::string> rounding_text(const std::string& file, Reader& exact, Reader& made,
                                  std::span<BaseModel* const> bases);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_IMPORT_SUMMARY_H_
