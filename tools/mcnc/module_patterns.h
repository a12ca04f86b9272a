// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The keys of PEFT's rank_pattern and alpha_pattern: regular expressions of Python for the names of modules. The only
// place that knows the library which matches them, RE2: its time grows with the length of a name and not with what a
// pattern makes of it, so that a hostile file cannot keep a program busy.
#ifndef MCNC_TOOLS_MCNC_MODULE_PATTERNS_H_
#define MCNC_TOOLS_MCNC_MODULE_PATTERNS_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcnc/status.h"

namespace mcnc::tools {

class ModulePatterns {
 public:
  // kArgument, naming the key, where one is not a regular expression, or one that RE2 and Python read differently or
  // only Python knows (look-ahead and references to groups).
  static Result<ModulePatterns> compile(const std::vector<std::string>& keys);
  ModulePatterns();
  ModulePatterns(ModulePatterns&&) noexcept;
  ModulePatterns& operator=(ModulePatterns&&) noexcept;
  ~ModulePatterns();

  // The first of the keys that is the module's whole name, or the end of it after a dot; nothing where none is.
  // kLimit where the patterns together take more memory than matching may have, kArgument where the name has letters
  // for which \w and the like mean different things to RE2 and Python.
  Result<std::optional<std::size_t>> first_match(std::string_view module) const;

 private:
  struct Compiled;
  std::unique_ptr<const Compiled> compiled_;  // null where there are no keys
};

// A key that only the module of this name matches.
std::string pattern_for(std::string_view module);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_MODULE_PATTERNS_H_
