// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A low-rank adapter as the folder that Hugging Face PEFT loads: adapter_config.json and adapter_model.safetensors.

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include "adapter.h"
#include "commands.h"
#include "common/inputs.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/output_set.h"
#include "common/report.h"
#include "export_config.h"
#include "mcnc/boundary.h"
#include "mcnc/convert.h"
#include "mcnc/decoder.h"
#include "mcnc/safetensors.h"
#include "non_finite.h"
#include "open.h"
#include "unstack.h"

namespace mcnc::tools {
namespace {

// What is decoded in one go, and as what it stands in the output.
struct Part {
  std::size_t index = 0;            // of the tensor
  std::vector<Tensor> named;        // several: of a stack, in the order of its slices
  std::vector<double> multipliers;  // one for each, where numbers are written times them; else none
};

// Counts numbers that are not finite and hands the elements on: as they are, or times their multipliers, as float32.
class ExportSink final : public Sink {
 public:
  ExportSink(const Part& part, Output& output) : part_(part), output_(output) {}

  Status write(const Tensor& tensor, std::uint64_t offset, std::span<const std::byte> bytes) noexcept override {
    return boundary([&]() -> Status {
      if (Status s = check_interrupt(); !s.ok()) return s;
      if (part_.multipliers.empty()) {
        found_ += count_non_finite(bytes, tensor.dtype);
        return output_.write(bytes);
      }
      const std::uint64_t first = offset / size_of(tensor.dtype);
      const std::uint64_t each = part_.named.front().elements();
      std::vector<float> values(bytes.size() / size_of(tensor.dtype));
      widen(bytes, tensor.dtype, values);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double multiplier = part_.multipliers[static_cast<std::size_t>((first + i) / each)];
        values[i] = static_cast<float>(multiplier * static_cast<double>(values[i]));
      }
      std::vector<std::byte> multiplied(values.size() * sizeof(float));
      narrow(values, DType::kF32, multiplied);
      found_ += count_non_finite(multiplied, DType::kF32);
      return output_.write(multiplied);
    });
  }

  std::uint64_t found() const noexcept { return found_; }

 private:
  const Part& part_;
  Output& output_;
  std::uint64_t found_ = 0;
};

std::string_view ending_of(const AdaptedModule& module, bool is_a) {
  if (module.kind == LoraKind::kEmbedding) return is_a ? ".lora_embedding_A" : ".lora_embedding_B";
  return is_a ? ".lora_A.weight" : ".lora_B.weight";
}

// The factors of all modules, under the names that PEFT has for them.
std::vector<Part> factors_of(const std::vector<AdaptedModule>& modules, const Manifest& manifest) {
  std::vector<Part> parts;
  std::map<std::size_t, std::size_t> stacks;  // index of a stack to its place in `parts`
  const auto add = [&](const AdaptedModule& module, std::size_t index, std::string_view ending) {
    Tensor tensor = unstacked(manifest.tensors[index], module.slice);
    tensor.name = kPeftPrefix + module.name + std::string(ending);
    if (module.slice == 0) parts.push_back({index, {}, {}});
    if (module.slices > 1 && module.slice == 0) stacks[index] = parts.size() - 1;
    Part& part = module.slice > 0 ? parts[stacks.at(index)] : parts.back();
    part.named.push_back(std::move(tensor));
  };
  for (const AdaptedModule& module : modules) {
    add(module, module.a, ending_of(module, true));
    add(module, module.b, ending_of(module, false));
    if (module.bias) add(module, *module.bias, ".lora_B.bias");
  }
  return parts;
}

// All tensors of a file that has PEFT's own names.
std::vector<Part> tensors_of(const Manifest& manifest) {
  std::vector<Part> parts;
  for (std::size_t index = 0; index < manifest.tensors.size(); ++index) {
    const Tensor& tensor = manifest.tensors[index];
    if (tensor.factor) continue;
    Part& part = parts.emplace_back(Part{index, {}, {}});
    for (std::uint32_t slice = 0; slice < stack_size(tensor); ++slice) part.named.push_back(unstacked(tensor, slice));
  }
  return parts;
}

// What --fold-scale multiplies: B, and the bias of B, by what the module's lora_alpha is of the common one. Whatever
// has that one already stays as it is, bit for bit.
void fold_scales(const Adapter& adapter, std::vector<Part>& parts) {
  const double common = common_alpha(adapter);
  std::map<std::string_view, double> multipliers;  // of tensors, by their names in the output
  std::vector<std::string> names;
  for (const AdaptedModule& module : adapter.modules) {
    if (module.lora_alpha == common) continue;
    names.push_back(kPeftPrefix + module.name + std::string(ending_of(module, false)));
    names.push_back(kPeftPrefix + module.name + ".lora_B.bias");
  }
  std::size_t next = 0;
  for (const AdaptedModule& module : adapter.modules) {
    if (module.lora_alpha == common) continue;
    for (int i = 0; i < 2; ++i) multipliers[names[next++]] = module.lora_alpha / common;
  }
  for (Part& part : parts) {
    const auto is_folded = [&](const Tensor& tensor) { return multipliers.contains(tensor.name); };
    if (std::ranges::none_of(part.named, is_folded)) continue;
    for (Tensor& tensor : part.named) {
      const auto found = multipliers.find(tensor.name);
      part.multipliers.push_back(found == multipliers.end() ? 1 : found->second);
      tensor.dtype = DType::kF32;
    }
  }
}

Status write_weights(Output& output, std::vector<Part> parts, Decoder& decoder, const ExportOptions& options) {
  std::ranges::sort(parts, {}, [](const Part& part) -> const std::string& { return part.named.front().name; });
  std::map<const Tensor*, const Part*> by_first;
  std::vector<const Tensor*> firsts;
  for (const Part& part : parts) {
    firsts.push_back(&part.named.front());
    by_first[firsts.back()] = &part;
  }
  firsts = safetensors_order(firsts);
  std::vector<const Tensor*> tensors;
  for (const Tensor* first : firsts) {
    for (const Tensor& tensor : by_first.at(first)->named) tensors.push_back(&tensor);
  }

  const auto header = safetensors_header(tensors, {{"format", "pt"}});
  if (!header.ok()) return header.status();
  if (Status s = output.write(*header); !s.ok()) return s;
  NonFinite found;
  for (const Tensor* first : firsts) {
    const Part& part = *by_first.at(first);
    ExportSink sink(part, output);
    if (Status s = decoder.decode(part.index, sink); !s.ok()) return s;
    found.add(first->name, first->dtype, sink.found());
  }
  if (Status s = found.status(""); !options.allow_non_finite && !s.ok()) return s;
  return output.commit();
}

Status export_folder(const ExportOptions& options) {
  Result<BaseModels> bases = BaseModels::open(options.bases, options.limits, options.decoding);
  if (!bases.ok()) return bases.status();
  Result<Reader> reader = open_reader(options.file, options.limits);
  if (!reader.ok()) return reader.status();
  const Manifest& manifest = reader->manifest();
  const Result<Adapter> adapter = find_adapter(manifest, options.lora_alpha);
  if (!adapter.ok()) return adapter.status();
  const Result<std::string> config = config_text(*adapter, manifest, options);
  if (!config.ok()) return config.status();
  Result<Decoder> decoder = make_decoder(*reader, *bases, options.decoding);
  if (!decoder.ok()) return decoder.status();

  std::vector<Part> parts = adapter->config ? tensors_of(manifest) : factors_of(adapter->modules, manifest);
  if (options.fold_scale) fold_scales(*adapter, parts);

  hold_interrupts();
  const std::filesystem::path folder = options.output;
  OutputSet files;
  if (Status s = files.make_folder(folder); !s.ok()) return s;
  std::vector<std::string> inputs = options.bases;
  inputs.push_back(options.file);
  std::vector<std::unique_ptr<Output>> outputs;
  for (const char* name : {"adapter_model.safetensors", "adapter_config.json"}) {
    if (Status s = check_not_input(folder / name, inputs); !s.ok()) return s;
    auto output = files.open(folder / name, options.force);
    if (!output.ok()) return output.status();
    outputs.push_back(*std::move(output));
  }
  if (Status s = write_weights(*outputs[0], std::move(parts), *decoder, options); !s.ok()) return s;
  if (Status s = outputs[1]->write(std::as_bytes(std::span(*config))); !s.ok()) return s;
  if (Status s = outputs[1]->commit(); !s.ok()) return s;
  return files.commit();
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
