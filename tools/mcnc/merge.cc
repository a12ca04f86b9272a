// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A base model with an adapter worked in, as one safetensors file, a tensor at a time.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <variant>

#include "adapter.h"
#include "base/boundary.h"
#include "base/checked_math.h"
#include "base/fp_environment.h"
#include "commands.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/report.h"
#include "common/safetensors.h"
#include "common/safetensors_model.h"
#include "describe.h"
#include "manifest/validate.h"
#include "mcnc/decoder.h"
#include "open.h"
#include "output_sink.h"
#include "tensors/convert.h"
#include "tensors/product.h"

namespace mcnc::tools {
namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;

// How a tensor of the output comes to be.
struct Copied {
  const SafetensorsTensor* from;
};
struct Changed {
  const SafetensorsTensor* from;
  AdaptedModule module;
};
struct Decoded {
  std::size_t index;  // in the adapter
};
using Origin = std::variant<Copied, Changed, Decoded>;

class CollectingSink final : public Sink {
 public:
  explicit CollectingSink(std::vector<std::byte>& bytes) noexcept : bytes_(bytes) {}
  Status write(const Tensor&, std::uint64_t, std::span<const std::byte> bytes) noexcept override {
    return boundary([&]() -> Status {
      bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
      return {};
    });
  }

 private:
  std::vector<std::byte>& bytes_;
};

class InterruptibleSink final : public Sink {
 public:
  Status write(const Tensor&, std::uint64_t, std::span<const std::byte>) noexcept override { return check_interrupt(); }
};

class Merge {
 public:
  Merge(SafetensorsModel& base, const Manifest& adapter, Decoder& decoder)
      : base_(base), adapter_(adapter), decoder_(decoder) {}

  // The base with what a file that starts from it decodes to in place of tensors of the same name, or beside them.
  void plan_decoded();
  // The base with scale * B * A added.
  Status plan_changed(std::vector<AdaptedModule> modules);
  Status write(Output& output);

 private:
  void plan_copies();
  Status write_one(const Origin& origin, Output& output);
  Status copy(const SafetensorsTensor& from, Output& output);
  Status change(const SafetensorsTensor& from, const AdaptedModule& module, Output& output);
  Result<std::vector<float>> factor(std::size_t index, const AdaptedModule& module);
  Status check_stack(std::size_t index);

  SafetensorsModel& base_;
  const Manifest& adapter_;
  Decoder& decoder_;
  std::vector<Tensor> tensors_;    // of the output: name, dtype and shape
  std::vector<Origin> origins_;    // one for each
  std::set<std::size_t> checked_;  // stacks whose digest is right
};

void Merge::plan_copies() {
  for (const SafetensorsTensor* from : base_.tensors()) {
    Tensor& tensor = tensors_.emplace_back();
    tensor.name = from->name;
    tensor.dtype = from->dtype;
    tensor.shape = from->shape;
    origins_.emplace_back(Copied{from});
  }
}

void Merge::plan_decoded() {
  plan_copies();
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < tensors_.size(); ++i) places[tensors_[i].name] = i;
  for (std::size_t i = 0; i < adapter_.tensors.size(); ++i) {
    if (adapter_.tensors[i].factor) continue;
    const auto [place, is_new] = places.emplace(adapter_.tensors[i].name, tensors_.size());
    if (is_new) {
      tensors_.push_back(adapter_.tensors[i]);
      origins_.emplace_back(Decoded{i});
    } else {
      tensors_[place->second] = adapter_.tensors[i];
      origins_[place->second] = Decoded{i};
    }
  }
}

Status Merge::plan_changed(std::vector<AdaptedModule> modules) {
  plan_copies();
  std::map<std::string, const AdaptedModule*> by_weight;
  for (const AdaptedModule& module : modules) {
    const std::string weight = module.name + ".weight";
    const SafetensorsTensor* from = base_.find(weight);
    if (from == nullptr) return {Code::kBase, "", "the base model has no tensor " + weight + " to change"};
    const bool is_float = from->dtype == DType::kF32 || from->dtype == DType::kF16 || from->dtype == DType::kBf16;
    const std::vector<std::uint64_t> shape = {module.rows, module.columns};
    if (!is_float || from->shape != shape) {
      return {Code::kBase, "", "tensor " + weight + " of the base model is of another shape, or no float tensor"};
    }
    by_weight[weight] = &module;
  }
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const auto change = by_weight.find(tensors_[i].name);
    if (change != by_weight.end()) origins_[i] = Changed{base_.find(tensors_[i].name), *change->second};
  }
  return {};
}

Status Merge::write(Output& output) {
  std::vector<const Tensor*> tensors;
  for (const Tensor& tensor : tensors_) tensors.push_back(&tensor);
  tensors = safetensors_order(tensors);
  TextMap metadata = base_.metadata();
  metadata.emplace("format", "pt");
  const auto header = safetensors_header(tensors, metadata);
  if (!header.ok()) return header.status();
  if (Status s = output.write(*header); !s.ok()) return s;
  for (const Tensor* tensor : tensors) {
    const auto index = static_cast<std::size_t>(tensor - tensors_.data());
    if (Status s = write_one(origins_[index], output); !s.ok()) return s;
  }
  return output.commit();
}

Status Merge::write_one(const Origin& origin, Output& output) {
  return std::visit(Overloaded{
                        [&](const Copied& copied) { return copy(*copied.from, output); },
                        [&](const Changed& changed) { return change(*changed.from, changed.module, output); },
                        [&](const Decoded& decoded) {
                          OutputSink sink(output);
                          return decoder_.decode(decoded.index, sink);
                        },
                    },
                    origin);
}

Status Merge::copy(const SafetensorsTensor& from, Output& output) {
  std::vector<std::byte> piece;
  for (std::uint64_t first = 0; first < from.bytes; first += piece.size()) {
    if (Status s = check_interrupt(); !s.ok()) return s;
    piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, from.bytes - first)));
    if (Status s = base_.read(from, first, piece); !s.ok()) return s;
    if (Status s = output.write(piece); !s.ok()) return s;
  }
  return {};
}

// w = theta0 + (scale * B A), float32, then one narrowing to the type that theta0 has.
Status Merge::change(const SafetensorsTensor& from, const AdaptedModule& module, Output& output) {
  const Result<std::vector<float>> b = factor(module.b, module);  // (rows, rank)
  if (!b.ok()) return b.status();
  const Result<std::vector<float>> a = factor(module.a, module);  // (rank, columns)
  if (!a.ok()) return a.status();
  const FpEnvironment environment;
  const std::uint64_t rows = from.shape.front();
  const std::uint64_t row_bytes = from.shape.back() * size_of(from.dtype);
  const std::uint64_t step = std::max(kPieceBytes / row_bytes, std::uint64_t{1});
  std::vector<std::byte> piece;
  std::vector<float> w;
  for (std::uint64_t row = 0; row < rows; row += step) {
    if (Status s = check_interrupt(); !s.ok()) return s;
    const std::uint64_t count = std::min(step, rows - row);
    piece.resize(static_cast<std::size_t>(count * row_bytes));
    w.resize(static_cast<std::size_t>(count * from.shape.back()));
    if (Status s = base_.read(from, row * row_bytes, piece); !s.ok()) return s;
    widen(piece, from.dtype, w);
    const std::span part = std::span(*b).subspan(static_cast<std::size_t>(row * module.rank),
                                                 static_cast<std::size_t>(count * module.rank));
    add_product(part, *a, static_cast<std::size_t>(module.rank), module.scale(), 0, w);
    narrow(w, from.dtype, piece);
    if (Status s = output.write(piece); !s.ok()) return s;
  }
  return {};
}

// Decodes it once for its digest, which covers all slices: they are needed far apart, and all are too much to keep.
Status Merge::check_stack(std::size_t index) {
  if (!checked_.insert(index).second) return {};
  InterruptibleSink sink;
  return decoder_.decode(index, sink);
}

// tensor: of `module`. Values and bound are those of rule tensor.factor_value.
Result<std::vector<float>> Merge::factor(std::size_t index, const AdaptedModule& module) {
  const Tensor& tensor = adapter_.tensors[index];
  const std::uint64_t elements = tensor.elements() / module.slices;
  std::vector<std::byte> bytes;
  if (module.slices == 1) {
    bytes.reserve(to_size(tensor.bytes()));
    CollectingSink sink(bytes);
    if (Status s = decoder_.decode(index, sink); !s.ok()) return s;
  } else {
    if (Status s = check_stack(index); !s.ok()) return s;
    bytes.resize(to_size(elements * size_of(tensor.dtype)));
    if (Status s = decoder_.decode_range(index, module.slice * elements, elements, bytes); !s.ok()) return s;
  }
  std::vector<float> values(to_size(elements));
  widen(bytes, tensor.dtype, values);
  if (!std::ranges::all_of(values, [](float value) { return std::fabs(value) <= kMaxFactor; })) {
    return Status(Code::kValue, "tensor.factor_value", "factor " + tensor.name + " is not finite or larger than 2^40");
  }
  return values;
}

Status check_output(const MergeOptions& options) {
  std::error_code no_matter;
  for (const std::string& input : {options.base, options.adapter}) {
    if (std::filesystem::equivalent(input, options.output, no_matter)) {
      return {Code::kArgument, "", "the output would replace an input"};
    }
  }
  return {};
}

// Why the base could not be opened. A .mcnc file in its place is most often the adapter.
Status explain_base(const MergeOptions& options, const Status& status) {
  const Result<bool> mcnc = is_mcnc(options.base);
  if (!mcnc.ok() || !*mcnc) return in_file(options.base, status);
  const std::string fault = options.base + ": is a .mcnc file, and the first argument is the base model, safetensors";
  if (!SafetensorsModel::open(options.adapter).ok()) {
    return {Code::kArgument, "", fault + "; mcnc decode makes safetensors of a .mcnc file"};
  }
  return {Code::kArgument, "",
          fault + ", like " + options.adapter + ": say mcnc merge " + options.adapter + " " + options.base};
}

Status merge_files(const MergeOptions& options) {
  if (Status s = check_output(options); !s.ok()) return s;
  Result<SafetensorsModel> base = SafetensorsModel::open(options.base);
  if (!base.ok()) return explain_base(options, base.status());
  std::vector<std::string> base_paths = options.bases;
  base_paths.push_back(options.base);
  Result<Bases> bases = Bases::open(base_paths, options.limits, options.decoding);
  if (!bases.ok()) return bases.status();
  Result<Reader> reader = open_reader(options.adapter, options.limits);
  if (!reader.ok()) return reader.status();
  Result<Decoder> decoder = make_decoder(*reader, *bases, options.decoding);
  if (!decoder.ok()) return decoder.status();

  Merge merge(*base, reader->manifest(), *decoder);
  if (reader->manifest().bases.empty()) {
    Result<std::vector<AdaptedModule>> modules = find_adapter(reader->manifest(), options.lora_alpha);
    if (!modules.ok()) return modules.status();
    if (Status s = merge.plan_changed(*std::move(modules)); !s.ok()) return s;
  } else if (options.lora_alpha) {
    return {Code::kArgument, "", "it starts from the base model and says all itself: leave out --alpha"};
  } else {
    merge.plan_decoded();
  }
  hold_interrupts();
  auto output = open_output(options.output, options.force);
  if (!output.ok()) return output.status();
  return merge.write(**output);
}

}  // namespace

int merge(const MergeOptions& options) {
  std::vector<std::string> others = options.bases;
  others.push_back(options.base);
  others.push_back(options.output);
  const int code = report(kProgram, options.adapter, merge_files(options), others);
  release_interrupts();
  return code;
}

}  // namespace mcnc::tools
