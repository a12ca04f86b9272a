// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A low-rank adapter as the folder that Hugging Face PEFT loads: adapter_config.json and adapter_model.safetensors.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>

#include "adapter.h"
#include "commands.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/report.h"
#include "common/safetensors.h"
#include "mcnc/decoder.h"
#include "open.h"
#include "output_sink.h"
#include "unstack.h"

namespace mcnc::tools {
namespace {

using nlohmann::ordered_json;

constexpr char kPrefix[] = "base_model.model.";

// The value that most modules have; of several, the smallest.
template <typename T>
T most_common(const std::vector<AdaptedModule>& modules, T AdaptedModule::*value) {
  std::map<T, std::size_t> counts;
  for (const AdaptedModule& module : modules) ++counts[module.*value];
  return std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })->first;
}

ordered_json number(double value) {
  constexpr double kExact = 0x1p53;
  const bool is_whole = value == std::floor(value) && std::fabs(value) < kExact;
  return is_whole ? ordered_json(static_cast<std::int64_t>(value)) : ordered_json(value);
}

// What differs from `common`, by module. PEFT takes the first key that is the module's path or ends it, so that longer
// keys come first, and a module that another's key would catch has one of its own.
template <typename T>
ordered_json pattern(const std::vector<AdaptedModule>& modules, T AdaptedModule::*value, T common) {
  std::vector<const AdaptedModule*> listed;
  for (const AdaptedModule& module : modules) {
    const bool caught = std::ranges::any_of(modules, [&](const AdaptedModule& other) {
      return other.*value != common && module.name.ends_with("." + other.name);
    });
    if (module.*value != common || caught) listed.push_back(&module);
  }
  std::ranges::stable_sort(listed, std::greater{}, [](const AdaptedModule* module) { return module->name.size(); });
  ordered_json json = ordered_json::object();
  for (const AdaptedModule* module : listed) json[module->name] = number(static_cast<double>(module->*value));
  return json;
}

// What PEFT should look for in the network. A module's whole path finds it and no other.
Result<ordered_json> target_modules(const std::vector<AdaptedModule>& modules, const std::vector<std::string>& asked) {
  const auto found_by = [](const std::string& module, const std::string& target) {
    return module == target || module.ends_with("." + target);
  };
  ordered_json targets = asked;
  for (const AdaptedModule& module : modules) {
    if (asked.empty()) {
      targets.push_back(module.name);
    } else if (std::ranges::none_of(asked, [&](const auto& target) { return found_by(module.name, target); })) {
      return Status(Code::kArgument, "", "adapts " + module.name + ", which --target-modules does not name");
    }
  }
  return targets;
}

Result<std::string> config_text(const std::vector<AdaptedModule>& modules, const Manifest& manifest,
                                const ExportOptions& options) {
  const std::uint64_t rank = options.rank ? *options.rank : most_common(modules, &AdaptedModule::rank);
  const double lora_alpha = most_common(modules, &AdaptedModule::lora_alpha);
  const Result<ordered_json> targets = target_modules(modules, options.target_modules);
  if (!targets.ok()) return targets.status();
  ordered_json base;
  if (!manifest.bases.empty()) base = manifest.bases.front().name;
  if (options.base_name) base = *options.base_name;
  const ordered_json config = {
      {"alpha_pattern", pattern(modules, &AdaptedModule::lora_alpha, lora_alpha)},
      {"base_model_name_or_path", base},
      {"bias", "none"},
      {"fan_in_fan_out", false},
      {"inference_mode", true},
      {"init_lora_weights", true},
      {"lora_alpha", number(lora_alpha)},
      {"lora_dropout", 0.0},
      {"modules_to_save", nullptr},
      {"peft_type", "LORA"},
      {"r", rank},
      {"rank_pattern", pattern(modules, &AdaptedModule::rank, rank)},
      {"target_modules", *targets},
      {"task_type", nullptr},
  };
  return config.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

// What is decoded in one go, and as what it stands in the output.
struct Factor {
  std::size_t index = 0;      // of the tensor
  std::vector<Tensor> named;  // several: of a stack, in the order of its slices
};

// The factors of all modules, in the order in which they are written.
std::vector<Factor> factors_of(const std::vector<AdaptedModule>& modules, const Manifest& manifest) {
  std::vector<Factor> factors;
  std::map<std::size_t, std::size_t> stacks;  // index of a stack to its place in `factors`
  const auto add = [&](const AdaptedModule& module, std::size_t index, const char* ending) {
    Tensor tensor = unstacked(manifest.tensors[index], module.slice);
    tensor.name = kPrefix + module.name + ending;
    if (module.slice == 0) factors.push_back({index, {}});
    if (module.slices > 1 && module.slice == 0) stacks[index] = factors.size() - 1;
    Factor& factor = module.slice > 0 ? factors[stacks.at(index)] : factors.back();
    factor.named.push_back(std::move(tensor));
  };
  for (const AdaptedModule& module : modules) {
    add(module, module.a, ".lora_A.weight");
    add(module, module.b, ".lora_B.weight");
  }
  std::ranges::sort(factors, {}, [](const Factor& factor) -> const std::string& { return factor.named.front().name; });
  return factors;
}

Status write_weights(const std::string& path, const std::vector<AdaptedModule>& modules, const Manifest& manifest,
                     Decoder& decoder, bool force) {
  const std::vector<Factor> factors = factors_of(modules, manifest);
  std::map<const Tensor*, const Factor*> by_first;
  std::vector<const Tensor*> firsts;
  for (const Factor& factor : factors) {
    firsts.push_back(&factor.named.front());
    by_first[firsts.back()] = &factor;
  }
  firsts = safetensors_order(firsts);
  std::vector<const Tensor*> tensors;
  for (const Tensor* first : firsts) {
    for (const Tensor& tensor : by_first.at(first)->named) tensors.push_back(&tensor);
  }

  auto output = open_output(path, force);
  if (!output.ok()) return output.status();
  const auto header = safetensors_header(tensors, {{"format", "pt"}});
  if (!header.ok()) return header.status();
  if (Status s = (*output)->write(*header); !s.ok()) return s;
  OutputSink sink(**output);
  for (const Tensor* first : firsts) {
    if (Status s = decoder.decode(by_first.at(first)->index, sink); !s.ok()) return s;
  }
  return (*output)->commit();
}

Status export_folder(const ExportOptions& options) {
  Result<Bases> bases = Bases::open(options.bases, options.limits, options.decoding);
  if (!bases.ok()) return bases.status();
  Result<Reader> reader = open_reader(options.file, options.limits);
  if (!reader.ok()) return reader.status();
  const Manifest& manifest = reader->manifest();
  const Result<std::vector<AdaptedModule>> modules = find_adapter(manifest, options.lora_alpha);
  if (!modules.ok()) return modules.status();
  const Result<std::string> config = config_text(*modules, manifest, options);
  if (!config.ok()) return config.status();
  Result<Decoder> decoder = make_decoder(*reader, *bases, options.decoding);
  if (!decoder.ok()) return decoder.status();

  hold_interrupts();
  const std::filesystem::path folder = options.output;
  std::error_code error;
  std::filesystem::create_directory(folder, error);
  if (error) return {Code::kWrite, "", folder.string() + ": " + error.message()};
  // Opened first, so that one that exists refuses before anything is decoded.
  auto config_file = open_output(folder / "adapter_config.json", options.force);
  if (!config_file.ok()) return config_file.status();
  const std::string weights = folder / "adapter_model.safetensors";
  if (Status s = write_weights(weights, *modules, manifest, *decoder, options.force); !s.ok()) return s;
  if (Status s = (*config_file)->write(std::as_bytes(std::span(*config))); !s.ok()) return s;
  return (*config_file)->commit();
}

}  // namespace

int export_peft(const ExportOptions& options) {
  std::vector<std::string> others = options.bases;
  others.push_back(options.output);
  const int code = report(kProgram, options.file, export_folder(options), others);
  release_interrupts();
  return code;
}

}  // namespace mcnc::tools
