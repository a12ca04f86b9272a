// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "module_patterns.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace mcnc::tools {
namespace {

constexpr std::int64_t kMaxMemory = std::int64_t{64} << 20;  // of all patterns together, and of matching them

RE2::Options options() {
  RE2::Options options;
  options.set_max_mem(kMaxMemory);
  options.set_encoding(RE2::Options::EncodingLatin1);  // names are ASCII; programs for bytes are smaller
  options.set_log_errors(false);
  options.set_never_capture(true);
  return options;
}

Status unusable(const std::string& key, const std::string& why) {
  return {Code::kArgument, "", "the pattern \"" + key + "\" cannot be matched as PEFT does: " + why};
}

}  // namespace

struct ModulePatterns::Compiled {
  RE2::Set set{options(), RE2::ANCHOR_START};
  std::map<std::string, std::size_t, std::less<>> places;  // of the keys
};

ModulePatterns::ModulePatterns() = default;
ModulePatterns::ModulePatterns(ModulePatterns&&) noexcept = default;
ModulePatterns& ModulePatterns::operator=(ModulePatterns&&) noexcept = default;
ModulePatterns::~ModulePatterns() = default;

Result<ModulePatterns> ModulePatterns::compile(const std::vector<std::string>& keys) {
  ModulePatterns patterns;
  if (keys.empty()) return patterns;
  auto compiled = std::make_unique<Compiled>();
  for (const std::string& key : keys) {
    // To Python {,3} is a repetition and [[:alpha:]] is a set of the letters in it; to RE2 it is the other way round.
    for (const char* const differs : {"{,", "[[:"}) {
      if (key.find(differs) != std::string::npos) return unusable(key, std::string(differs) + " is not understood");
    }
    // What PEFT 0.21 builds of a key, for re.match.
    std::string why;
    const int place = compiled->set.Add("(.*\\.)?(" + key + ")$", &why);
    if (place < 0) return unusable(key, why);
    compiled->places.emplace(key, static_cast<std::size_t>(place));
  }
  if (!compiled->set.Compile()) return Status(Code::kLimit, "", "its patterns for module names are too large together");
  patterns.compiled_ = std::move(compiled);
  return patterns;
}

Result<std::optional<std::size_t>> ModulePatterns::first_match(std::string_view module) const {
  if (!compiled_) return std::optional<std::size_t>();
  const bool is_ascii = std::ranges::all_of(module, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!is_ascii) {
    return Status(Code::kArgument, "",
                  "module " + std::string(module) + " has letters that patterns are not matched with");
  }
  std::vector<int> matches;
  RE2::Set::ErrorInfo error = {};
  if (!compiled_->set.Match({module.data(), module.size()}, &matches, &error)) {
    if (error.kind == RE2::Set::kNoError) {
      // PEFT then looks for the name itself, which need not match itself where it has characters of patterns.
      const auto same = compiled_->places.find(module);
      return same == compiled_->places.end() ? std::nullopt : std::optional(same->second);
    }
    return Status(Code::kLimit, "", "its patterns for module names take more memory than matching may have");
  }
  return std::optional(static_cast<std::size_t>(std::ranges::min(matches)));
}

std::string pattern_for(std::string_view module) {
  // ^ is the start of the whole name: without it the module would also be found where its name ends another's.
  std::string key = "^";
  for (const char c : module) {
    if (std::string_view("\\.^$*+?{}[]()|").find(c) != std::string_view::npos) key += '\\';
    key += c;
  }
  return key;
}

}  // namespace mcnc::tools
