// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "peft_config.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

namespace mcnc::tools {
namespace {

using nlohmann::ordered_json;

constexpr int kMaxDepth = 32;  // far more than PEFT writes
constexpr double kMaxRank = 1 << 20;

Status wrong(const std::string& why) { return {ErrorCode::kArgument, "", "adapter_config.json: " + why}; }

Result<ordered_json> parse_object(const std::string& text) {
  bool is_deep = false;
  const auto watch = [&](int depth, ordered_json::parse_event_t, const ordered_json&) {
    is_deep = is_deep || depth > kMaxDepth;
    return !is_deep;
  };
  try {
    const ordered_json json = ordered_json::parse(text, watch);
    if (is_deep) return wrong("it is nested too deeply");
    if (!json.is_object()) return wrong("it is not a JSON object");
    return json;
  } catch (const ordered_json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    const std::string what = error.what();
    const std::size_t start = what.find("] ");
    return wrong(what.substr(start == std::string::npos ? 0 : start + 2));
  }
}

// Whether Python would call it true: neither null, false, 0, nor empty.
bool is_truthy(const ordered_json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>() != 0;
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  return !value.empty();
}

bool is_truthy(const ordered_json& config, const char* key) {
  const auto found = config.find(key);
  return found != config.end() && is_truthy(*found);
}

// The members of a key that a missing one and null leave as they were.
Status read(const ordered_json& config, const char* key, bool& value) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) return {};
  if (!found->is_boolean()) return wrong(std::string(key) + " must be true or false");
  value = found->get<bool>();
  return {};
}

bool is_rank(const ordered_json& value) {
  return value.is_number_unsigned() && value.get<double>() >= 1 && value.get<double>() <= kMaxRank;
}

bool is_alpha(const ordered_json& value) { return value.is_number() && std::isfinite(value.get<double>()); }

constexpr char kRankMeaning[] = " must be a whole number from 1 to 1048576";
constexpr char kAlphaMeaning[] = " must be a finite number";

// What changes what adding scale * B * A means, and why PEFT's merge is not done here. In the order of PEFT's classes.
constexpr std::pair<const char*, const char*> kObstacles[] = {
    {"use_dora", "it is DoRA, whose weights are a direction and a magnitude (use_dora)"},
    {"target_parameters", "it adapts parameters that are not the weight of a module (target_parameters)"},
    {"trainable_token_indices", "it has trained tokens of an embedding (trainable_token_indices)"},
    {"layer_replication", "it is for a network of repeated layers (layer_replication)"},
    {"alora_invocation_tokens", "it is activated LoRA, which acts on some tokens only (alora_invocation_tokens)"},
    {"arrow_config", "its adapters are routed (arrow_config)"},
    {"use_bdlora", "its factors are block-diagonal (use_bdlora)"},
    {"monteclora_config", "it draws samples around its factors (monteclora_config)"},
    {"kasa_config", "it cuts the base model's weights down first (kasa_config)"},
    {"use_qalora", "its inputs are pooled (use_qalora)"},
    {"megatron_config", "it is for layers of Megatron (megatron_config)"},
};

// What has no part in how an adapter acts, or is read elsewhere.
constexpr std::string_view kHarmless[] = {"alpha_pattern",
                                          "auto_mapping",
                                          "base_model_name_or_path",
                                          "bias",
                                          "corda_config",
                                          "enable_lora",
                                          "ensure_weight_tying",
                                          "eva_config",
                                          "exclude_modules",
                                          "fan_in_fan_out",
                                          "inference_mode",
                                          "init_lora_weights",
                                          "layers_pattern",
                                          "layers_to_transform",
                                          "loftq_config",
                                          "lora_alpha",
                                          "lora_bias",
                                          "lora_dropout",
                                          "lora_ga_config",
                                          "megatron_core",
                                          "merge_weights",
                                          "modules_to_save",
                                          "peft_type",
                                          "peft_version",
                                          "qalora_group_size",
                                          "r",
                                          "rank_pattern",
                                          "revision",
                                          "runtime_config",
                                          "target_modules",
                                          "task_type",
                                          "use_rslora",
                                          "velora_config"};

// Initialisations that leave the base model's weights alone when PEFT loads an adapter; others, such as PiSSA, take
// something out of them first.
constexpr std::string_view kPlainStarts[] = {"gaussian", "eva", "orthogonal"};

std::string obstacle_of(const ordered_json& config) {
  for (const auto& [key, why] : kObstacles) {
    if (is_truthy(config, key)) return why;
  }
  const auto start = config.find("init_lora_weights");
  if (start != config.end() && start->is_string() &&
      std::ranges::find(kPlainStarts, start->get_ref<const std::string&>()) == std::end(kPlainStarts)) {
    return "it starts from base weights that were changed (init_lora_weights is " + start->get<std::string>() + ")";
  }
  for (const auto& [key, value] : config.items()) {
    const bool is_obstacle = std::ranges::find(kObstacles, key, [](const auto& each) {
                               return std::string_view(each.first);
                             }) != std::end(kObstacles);
    const bool is_known = is_obstacle || std::ranges::find(kHarmless, key) != std::end(kHarmless);
    if (!is_known && is_truthy(value)) return "its configuration has " + key + ", which this program does not know";
  }
  return "";
}

// All of `text` as a number, or nothing.
template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<MetadataValue> known_metadata(const std::string& key, MetadataValue value) {
  const auto* text = std::get_if<std::string>(&value);
  if (key == kPeftConfigKey) {
    if (text == nullptr) return Status(ErrorCode::kArgument, "", key + " is the text of an adapter_config.json");
    const Result<PeftConfig> config = PeftConfig::parse(*text);
    if (!config.ok()) return config.status();
  }
  if (key != kLoraAlphaKey) return value;
  if (text != nullptr) {
    if (const auto whole = number_in<std::int64_t>(*text)) return MetadataValue(*whole);
    if (const auto real = number_in<double>(*text)) value = *real;
  }
  if (std::holds_alternative<std::int64_t>(value)) return value;
  if (const auto* real = std::get_if<double>(&value); real != nullptr && std::isfinite(*real)) return value;
  return Status(ErrorCode::kArgument, "", key + " must be a finite number, such as " + key + ":real=16");
}

Result<PeftConfig> PeftConfig::parse(const std::string& text) {
  const Result<ordered_json> parsed = parse_object(text);
  if (!parsed.ok()) return parsed.status();
  const ordered_json& json = *parsed;
  const auto type = json.find("peft_type");
  if (type == json.end() || !type->is_string()) return wrong("no peft_type says which kind of adapter it is for");
  if (*type != "LORA")
    return wrong("it is for an adapter of type " + type->get<std::string>() + ", only LORA is known");

  PeftConfig config;
  config.text_ = text;
  if (const auto rank = json.find("r"); rank != json.end()) {
    if (!is_rank(*rank)) return wrong(std::string("r") + kRankMeaning);
    config.rank_ = rank->get<double>();
  }
  if (const auto alpha = json.find("lora_alpha"); alpha != json.end()) {
    if (!is_alpha(*alpha)) return wrong(std::string("lora_alpha") + kAlphaMeaning);
    config.lora_alpha_ = alpha->get<double>();
  }
  const auto read_pattern = [&](const char* key, auto is_allowed, const char* meaning, Pattern& pattern) -> Status {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null()) return {};
    if (!found->is_object()) return wrong(std::string(key) + " must be an object");
    std::vector<std::string> names;
    for (const auto& [name, value] : found->items()) {
      if (!is_allowed(value)) return wrong(std::string(key) + "/" + name + meaning);
      names.push_back(name);
      pattern.values.push_back(value.template get<double>());
    }
    Result<ModulePatterns> keys = ModulePatterns::compile(names);
    if (!keys.ok())
      return {keys.status().code(), "", wrong(std::string(key) + ": " + keys.status().message()).message()};
    pattern.keys = *std::move(keys);
    return {};
  };
  if (Status s = read_pattern("rank_pattern", is_rank, kRankMeaning, config.ranks_); !s.ok()) return s;
  if (Status s = read_pattern("alpha_pattern", is_alpha, kAlphaMeaning, config.alphas_); !s.ok()) return s;
  if (Status s = read(json, "use_rslora", config.use_rslora_); !s.ok()) return s;
  if (Status s = read(json, "fan_in_fan_out", config.fan_in_fan_out_); !s.ok()) return s;
  config.saves_modules_ = is_truthy(json, "modules_to_save");
  config.targets_parameters_ = is_truthy(json, "target_parameters");
  config.merge_obstacle_ = obstacle_of(json);
  return config;
}

Result<double> PeftConfig::look_up(const Pattern& pattern, const std::string& module, double otherwise) const {
  const Result<std::optional<std::size_t>> match = pattern.keys.first_match(module);
  if (!match.ok()) return match.status();
  return *match ? pattern.values[**match] : otherwise;
}

Result<LoraScale> PeftConfig::scale_of(const std::string& module) const {
  const Result<double> rank = look_up(ranks_, module, rank_);
  if (!rank.ok()) return rank.status();
  const Result<double> alpha = look_up(alphas_, module, lora_alpha_);
  if (!alpha.ok()) return alpha.status();
  const double divisor = use_rslora_ ? std::sqrt(*rank) : *rank;
  return LoraScale{static_cast<std::uint64_t>(*rank), *alpha, *alpha / divisor};
}

}  // namespace mcnc::tools
