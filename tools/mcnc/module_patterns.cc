// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "module_patterns.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace mcnc::tools {
namespace {

constexpr std::int64_t kMaxMemory = std::int64_t{64} << 20;  // of all patterns together, and of matching them
constexpr std::ptrdiff_t kMostParts = 64;                    // of a name; networks nest less than half as deep

RE2::Options options() {
  RE2::Options options;
  options.set_max_mem(kMaxMemory);
  options.set_encoding(RE2::Options::EncodingLatin1);  // names are ASCII; programs for bytes are smaller
  options.set_log_errors(false);
  options.set_never_capture(true);
  return options;
}

Status unusable(const std::string& key, const std::string& why) {
  return {ErrorCode::kArgument, "", "the pattern \"" + key + "\" cannot be matched as PEFT does: " + why};
}

// Where in a module's name what a key says may begin. PEFT 0.21 matches "(.*\.)?(KEY)$"; thousands of such patterns,
// each free to begin anywhere, are far too many states together for one automaton, and nearly no key needs that.
enum class Start {
  kName,     // ^: with the name
  kPart,     // with any part of it, after a dot
  kContext,  // the key looks at what is before it, or mixes both: matched as PEFT does
};

Start start_of(std::string_view key) {
  const auto has = [&](std::string_view text) { return key.find(text) != std::string_view::npos; };
  if (has("\\b") || has("\\B") || has("\\A")) return Start::kContext;
  if (key.find('^', 1) != std::string_view::npos) return Start::kContext;
  if (!key.starts_with('^')) return Start::kPart;
  return has("|") ? Start::kContext : Start::kName;
}

// Patterns that begin alike.
struct Group {
  RE2::Set set{options(), RE2::ANCHOR_BOTH};
  std::vector<std::size_t> places;  // of the keys, in ascending order
  bool is_empty() const { return places.empty(); }
};

}  // namespace

struct ModulePatterns::Compiled {
  std::array<Group, 3> groups;                             // by Start
  std::map<std::string, std::size_t, std::less<>> places;  // of the keys

  // best = the place of the first key of the group that is all of `text`, where that is before `best`.
  Status match(Start start, std::string_view text, std::optional<std::size_t>& best) const;
};

Status ModulePatterns::Compiled::match(Start start, std::string_view text, std::optional<std::size_t>& best) const {
  const Group& group = groups[static_cast<std::size_t>(start)];
  if (group.is_empty()) return {};
  std::vector<int> matches;
  RE2::Set::ErrorInfo error = {};
  if (!group.set.Match({text.data(), text.size()}, &matches, &error)) {
    if (error.kind == RE2::Set::kNoError) return {};
    return {ErrorCode::kLimit, "", "its patterns for module names take more memory than matching may have"};
  }
  const std::size_t place = group.places[static_cast<std::size_t>(std::ranges::min(matches))];
  best = std::min(best.value_or(place), place);
  return {};
}

ModulePatterns::ModulePatterns() = default;
ModulePatterns::ModulePatterns(ModulePatterns&&) noexcept = default;
ModulePatterns& ModulePatterns::operator=(ModulePatterns&&) noexcept = default;
ModulePatterns::~ModulePatterns() = default;

Result<ModulePatterns> ModulePatterns::compile(const std::vector<std::string>& keys) {
  ModulePatterns patterns;
  if (keys.empty()) return patterns;
  auto compiled = std::make_unique<Compiled>();
  for (std::size_t place = 0; place < keys.size(); ++place) {
    const std::string& key = keys[place];
    // To Python {,3} is a repetition and [[:alpha:]] is a set of the letters in it; to RE2 it is the other way round.
    for (const char* const differs : {"{,", "[[:"}) {
      if (key.find(differs) != std::string::npos) return unusable(key, std::string(differs) + " is not understood");
    }
    const Start start = start_of(key);
    Group& group = compiled->groups[static_cast<std::size_t>(start)];
    std::string why;
    if (group.set.Add((start == Start::kContext ? "(.*\\.)?(" : "(") + key + ")$", &why) < 0) return unusable(key, why);
    group.places.push_back(place);
    compiled->places.emplace(key, place);
  }
  for (Group& group : compiled->groups) {
    if (!group.set.Compile())
      return Status(ErrorCode::kLimit, "", "its patterns for module names are too large together");
  }
  patterns.compiled_ = std::move(compiled);
  return patterns;
}

Result<std::optional<std::size_t>> ModulePatterns::first_match(std::string_view module) const {
  if (!compiled_) return std::optional<std::size_t>();
  const bool is_ascii = std::ranges::all_of(module, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!is_ascii || std::ranges::count(module, '.') > kMostParts) {
    return Status(ErrorCode::kArgument, "",
                  "module " + std::string(module) + " has letters beyond ASCII, or more than " +
                      std::to_string(kMostParts) + " dots, which patterns are not matched with");
  }
  std::optional<std::size_t> best;
  if (Status s = compiled_->match(Start::kName, module, best); !s.ok()) return s;
  if (Status s = compiled_->match(Start::kContext, module, best); !s.ok()) return s;
  for (std::size_t part = 0; part <= module.size(); part = std::min(module.find('.', part), module.size()) + 1) {
    if (Status s = compiled_->match(Start::kPart, module.substr(part), best); !s.ok()) return s;
  }
  if (best) return best;
  // PEFT then looks for the name itself, which need not match itself where it has characters of patterns.
  const auto same = compiled_->places.find(module);
  return same == compiled_->places.end() ? std::nullopt : std::optional(same->second);
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
