// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "import_peft.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>
#include <variant>
#include <vector>

#include "adapter.h"
#include "common/interrupt.h"
#include "mcnc/input.h"
#include "non_finite.h"
#include "peft_config.h"

namespace mcnc::tools {
namespace {

namespace fs = std::filesystem;

constexpr char kConfig[] = "adapter_config.json";
constexpr char kWeights[] = "adapter_model.safetensors";
constexpr char kPickle[] = "adapter_model.bin";
constexpr std::size_t kMaxText = 65536;                      // of metadata (rule metadata.value)
constexpr std::uint64_t kMaxFile = std::uint64_t{64} << 20;  // far more than PEFT writes
constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;

Status mistake(const std::string& message) { return {ErrorCode::kArgument, "", message}; }

Result<std::string> read_config(const std::string& path) {
  const auto input = open_file(path);
  if (!input.ok()) return input.status();
  if ((*input)->size() > kMaxFile) return mistake(path + " is too large to be a configuration");
  std::string text(static_cast<std::size_t>((*input)->size()), '\0');
  if (Status s = (*input)->read_at(0, std::as_writable_bytes(std::span(text))); !s.ok()) return s;
  return text;
}

// The configuration as metadata can hold it. A list of modules that makes it too long follows from the tensors, and is
// left out; export makes it again.
Result<std::string> as_metadata(const std::string& text) {
  if (text.size() <= kMaxText) return text;
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (json.is_object() && json.contains("target_modules") && json["target_modules"].is_array()) {
    json.erase("target_modules");
    if (std::string shorter = json.dump(); shorter.size() <= kMaxText) return shorter;
  }
  return mistake(std::string(kConfig) + " has " + std::to_string(text.size()) +
                 " bytes, and metadata can hold 65536, also without its list of target_modules");
}

bool is_factor(const std::string& name) { return name.find(".lora_") != std::string::npos; }

}  // namespace

std::optional<std::string> peft_folder(const std::string& path) {
  std::error_code no_matter;
  if (fs::is_directory(path, no_matter)) return path;
  if (fs::path(path).filename() != kConfig) return std::nullopt;
  const fs::path parent = fs::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

Result<Recipe> peft_recipe(const std::string& folder) {
  std::error_code no_matter;
  const auto has = [&](const char* name) { return fs::exists(fs::path(folder) / name, no_matter); };
  if (!has(kConfig)) return mistake(std::string("the folder has no ") + kConfig + ": PEFT saved no adapter there");
  if (!has(kWeights)) {
    if (!has(kPickle)) return mistake(std::string("the folder has no ") + kWeights);
    return mistake(std::string("the weights are in ") + kPickle + ", a pickle, which can run any program when it is " +
                   "read; load the adapter with PEFT and save it again, as " + kWeights);
  }
  const Result<std::string> text = read_config(fs::path(folder) / kConfig);
  if (!text.ok()) return text.status();
  Result<std::string> kept = as_metadata(*text);
  if (!kept.ok()) return kept.status();
  if (const Result<PeftConfig> config = PeftConfig::parse(*kept); !config.ok()) return config.status();
  Recipe recipe;
  recipe.store_all = {{kWeights, kWeights}};
  recipe.metadata = {{kPeftConfigKey, *std::move(kept)}};
  return recipe;
}

Status check_peft(const Import& import) {
  const Result<Adapter> adapter = find_adapter(import.model.manifest, {});
  return adapter.ok() ? Status() : adapter.status();
}

Status check_finite(const Import& import, bool only_factors) {
  NonFinite found;
  std::vector<std::byte> piece;
  for (const Tensor& tensor : import.model.manifest.tensors) {
    const auto* stored = std::get_if<Stored>(&tensor.source);
    if (stored == nullptr || (only_factors && !is_factor(tensor.name))) continue;
    const auto* source = std::get_if<std::shared_ptr<Input>>(&import.model.segments[stored->segment]);
    if (source == nullptr) continue;
    std::uint64_t count = 0;
    for (std::uint64_t done = 0; done < (*source)->size(); done += piece.size()) {
      if (Status s = check_interrupt(); !s.ok()) return s;
      piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, (*source)->size() - done)));
      if (Status s = (*source)->read_at(done, piece); !s.ok()) return s;
      count += count_non_finite(piece, tensor.dtype);
    }
    found.add(tensor.name, tensor.dtype, count);
  }
  return found.status("");
}

}  // namespace mcnc::tools
