// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "export_config.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "module_patterns.h"

namespace mcnc::tools {
namespace {

using nlohmann::ordered_json;

Status mistake(const std::string& message) { return {ErrorCode::kArgument, "", message}; }

// The value that most modules have; of several, the smallest.
template <typename T>
T most_common(const std::vector<AdaptedModule>& modules, T AdaptedModule::*value) {
  std::map<T, std::size_t> counts;
  for (const AdaptedModule& module : modules) ++counts[module.*value];
  const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  return most == counts.end() ? T() : most->first;
}

ordered_json number(double value) {
  constexpr double kExact = 0x1p53;
  const bool is_whole = value == std::floor(value) && std::fabs(value) < kExact;
  return is_whole ? ordered_json(static_cast<std::int64_t>(value)) : ordered_json(value);
}

// What differs from `common`, by module. Each key is found by its own module only, so that their order does not matter.
template <typename T>
ordered_json pattern(const std::vector<AdaptedModule>& modules, T AdaptedModule::*value, T common) {
  ordered_json json = ordered_json::object();
  auto& members = json.get_ref<ordered_json::object_t&>();
  for (const AdaptedModule& module : modules) {
    if (module.*value == common) continue;
    // Not as an object's new member, for which all others would be searched: names are unique here.
    members.emplace_back(pattern_for(module.name), number(static_cast<double>(module.*value)));
  }
  return json;
}

// What PEFT should look for in the network. A module's whole path finds it and no other.
Result<ordered_json> target_modules(const std::vector<std::string>& modules, const std::vector<std::string>& asked) {
  const auto found_by = [](const std::string& module, const std::string& target) {
    return module == target || module.ends_with("." + target);
  };
  if (asked.empty()) return ordered_json(modules);
  for (const std::string& module : modules) {
    if (std::ranges::none_of(asked, [&](const auto& target) { return found_by(module, target); })) {
      return mistake("adapts " + module + ", which --target-modules does not name");
    }
  }
  return ordered_json(asked);
}

std::string text_of(const ordered_json& config) {
  return config.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

// The lora_alpha with which rank-stabilised LoRA, lora_alpha / sqrt(rank), gives every module its scale; nothing where
// no single one does.
std::optional<double> stabilised_alpha(const std::vector<AdaptedModule>& modules) {
  const AdaptedModule& first = modules.front();
  const double exact = first.scale * std::sqrt(static_cast<double>(first.rank));
  for (const double alpha : {std::round(exact), exact}) {
    const bool serves_all = std::ranges::all_of(modules, [&](const AdaptedModule& module) {
      const double scale = alpha / std::sqrt(static_cast<double>(module.rank));
      return static_cast<float>(scale) == static_cast<float>(module.scale);
    });
    if (serves_all) return alpha;
  }
  return std::nullopt;
}

// For a file that has none.
Result<std::string> new_config(const Adapter& adapter, const Manifest& manifest, const ExportOptions& options) {
  const std::vector<AdaptedModule>& modules = adapter.modules;
  for (const AdaptedModule& module : modules) {
    // Networks keep the experts of a layer as one parameter, not as a module's weight.
    if (module.name == "experts" || module.name.ends_with(".experts")) {
      return mistake("adapts " + module.name +
                     ", parameters that are not the weight of a module: PEFT would not load it " +
                     "without its target_parameters, which only a file made from PEFT's own folder has");
    }
  }
  const std::uint64_t rank = options.rank ? *options.rank : most_common(modules, &AdaptedModule::rank);
  double lora_alpha = common_alpha(adapter);
  ordered_json alphas = ordered_json::object();
  std::optional<double> stabilised;
  if (!options.fold_scale) {
    alphas = pattern(modules, &AdaptedModule::lora_alpha, lora_alpha);
    if (!alphas.empty()) stabilised = stabilised_alpha(modules);
  }
  if (stabilised) {
    lora_alpha = *stabilised;
    alphas = ordered_json::object();
  }
  const Result<ordered_json> targets = target_modules(adapter.targets, options.target_modules);
  if (!targets.ok()) return targets.status();
  ordered_json base;
  if (!manifest.bases.empty()) base = manifest.bases.front().name;
  if (options.base_name) base = *options.base_name;
  ordered_json task;
  if (options.task_type) task = std::string(*options.task_type);
  const bool has_biases =
      std::ranges::any_of(modules, [](const AdaptedModule& module) { return module.bias.has_value(); });
  return text_of({
      {"alpha_pattern", alphas},
      {"base_model_name_or_path", base},
      {"bias", "none"},
      {"fan_in_fan_out", false},
      {"inference_mode", true},
      {"init_lora_weights", true},
      {"lora_alpha", number(lora_alpha)},
      {"lora_bias", has_biases},
      {"lora_dropout", 0.0},
      {"modules_to_save", nullptr},
      {"peft_type", "LORA"},
      {"r", rank},
      {"rank_pattern", pattern(modules, &AdaptedModule::rank, rank)},
      {"target_modules", *targets},
      {"task_type", task},
      {"use_rslora", stabilised.has_value()},
  });
}

// The one that the file has, byte for byte where nothing is to be changed.
Result<std::string> kept_config(const Adapter& adapter, const ExportOptions& options) {
  if (options.rank) return mistake("its configuration says the ranks: leave out --rank");
  ordered_json config = ordered_json::parse(adapter.config->text(), nullptr, false);  // has been parsed once
  bool is_changed = false;
  const auto set = [&](const char* key, ordered_json value) {
    config[key] = std::move(value);
    is_changed = true;
  };
  if (options.base_name) set("base_model_name_or_path", *options.base_name);
  if (options.task_type) set("task_type", std::string(*options.task_type));
  if (!options.target_modules.empty() || !config.contains("target_modules")) {
    Result<ordered_json> targets = target_modules(adapter.targets, options.target_modules);
    if (!targets.ok()) return targets.status();
    set("target_modules", *std::move(targets));
  }
  if (options.fold_scale) {
    set("lora_alpha", number(common_alpha(adapter)));
    set("alpha_pattern", ordered_json::object());
    set("use_rslora", false);
  }
  return is_changed ? text_of(config) : adapter.config->text();
}

}  // namespace

double common_alpha(const Adapter& adapter) {
  const double alpha = most_common(adapter.modules, &AdaptedModule::lora_alpha);
  // Others are divided by it.
  return alpha == 0 ? 1 : alpha;
}

Result<std::string> config_text(const Adapter& adapter, const Manifest& manifest, const ExportOptions& options) {
  if (options.fold_scale && !adapter.merge_obstacle.empty()) {
    return mistake("no scale can be folded into its factors: " + adapter.merge_obstacle);
  }
  return adapter.config ? kept_config(adapter, options) : new_config(adapter, manifest, options);
}

}  // namespace mcnc::tools
