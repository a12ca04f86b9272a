// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/base_models.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "checkpoints/base_cost.h"
#include "manifest/layout.h"
#include "manifest/references.h"
#include "mcnc/about.h"
#include "mcnc/boundary.h"
#include "mcnc/checked_math.h"
#include "mcnc/input.h"
#include "mcnc/reader.h"
#include "mcnc/recognize.h"
#include "mcnc/safetensors_model.h"
#include "mcnc/sink.h"
#include "tensors/merkle.h"

namespace mcnc {
namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;
constexpr char kRule[] = "tensor.base";
// What it takes to use files as bases is charged where it is known which of their tensors are (BaseModels::charge).
constexpr Limits kUnlimited = {~std::uint64_t{0}, ~std::uint64_t{0}, ~std::uint64_t{0}};

Status no_tensor(const std::string& path, const std::string& name) {
  return {ErrorCode::kBase, kRule, path + ": there is no tensor " + name};
}

// What a tensor takes from a base; nullptr where it starts from none.
const BaseTheta0* start_of(const Tensor& tensor) noexcept {
  const Theta0* theta0 = theta0_of(tensor);
  return theta0 != nullptr ? std::get_if<BaseTheta0>(theta0) : nullptr;
}

// A base that was not given. why: why none of those given will do.
class MissingBase final : public BaseModel {
 public:
  MissingBase(const Base& base, std::string why) : base_(base), why_(std::move(why)) {}

  Result<Entry> find(const std::string& name) noexcept override {
    return boundary([&]() -> Result<Entry> {
      return Status(ErrorCode::kBase, kRule,
                    "tensor " + name + " starts from the base model " + base_.name + ", weights " +
                        to_hex(base_.weights_identity) + ", " + why_);
    });
  }
  Status read(const std::string& name, std::span<std::byte>) noexcept override { return find(name).status(); }

 private:
  Base base_;
  std::string why_;
};

// Counts the bases that are at work within each other.
class Descent {
 public:
  explicit Descent(int& depth) noexcept : depth_(depth) { ++depth_; }
  ~Descent() { --depth_; }
  Descent(const Descent&) = delete;
  Descent& operator=(const Descent&) = delete;

 private:
  int& depth_;
};

// Hands on what a decoder makes.
class VisitSink final : public Sink {
 public:
  explicit VisitSink(const ModelFile::Visit& visit) noexcept : visit_(visit) {}
  Status write(const Tensor&, std::uint64_t, std::span<const std::byte> bytes) noexcept override {
    return boundary([&]() -> Status { return visit_(bytes); });
  }

 private:
  const ModelFile::Visit& visit_;
};

}  // namespace

Result<bool> is_mcnc(const std::string& path) noexcept {
  return boundary([&]() -> Result<bool> {
    std::error_code no_matter;
    if (std::filesystem::is_directory(path, no_matter)) return false;
    const auto input = open_file(path);
    if (!input.ok()) return input.status();
    std::array<std::byte, layout::kMagic.size()> head{};
    if ((*input)->size() < head.size()) return false;
    if (Status s = (*input)->read_at(0, head); !s.ok()) return s;
    return std::ranges::equal(head, std::as_bytes(std::span(layout::kMagic)));
  });
}

class SafetensorsBase final : public ModelFile {
 public:
  SafetensorsBase(std::string path, SafetensorsModel model) : path_(std::move(path)), model_(std::move(model)) {}

  Result<Entry> find(const std::string& name) noexcept override {
    return boundary([&]() -> Result<Entry> {
      const SafetensorsTensor* tensor = model_.find(name);
      if (tensor == nullptr) return no_tensor(path_, name);
      if (!tensor->dtype) {
        return Status(ErrorCode::kBase, kRule,
                      path_ + ": tensor " + name + " is " + tensor->type_and_shape() +
                          ", of a type that .mcnc files do not have");
      }
      return Entry{*tensor->dtype, tensor->shape};
    });
  }

  Status read(const std::string& name, std::span<std::byte> out) noexcept override {
    return boundary([&]() -> Status {
      const SafetensorsTensor* tensor = model_.find(name);
      if (tensor == nullptr || out.size() != tensor->bytes) return no_tensor(path_, name);
      return in_file(path_, model_.read(*tensor, 0, out));
    });
  }

  TensorForm form(const std::string& name) const override {
    const SafetensorsTensor& tensor = *model_.find(name);
    return {tensor.type, tensor.dtype, tensor.shape, tensor.bytes};
  }

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const SafetensorsTensor* tensor : model_.tensors()) names.push_back(tensor->name);
    std::ranges::sort(names);
    return names;
  }

  Status stream(const std::string& name, const Visit& visit) noexcept override {
    return boundary([&]() -> Status {
      const SafetensorsTensor* tensor = model_.find(name);
      if (tensor == nullptr) return no_tensor(path_, name);
      std::vector<std::byte> piece;
      for (std::uint64_t first = 0; first < tensor->bytes; first += piece.size()) {
        piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, tensor->bytes - first)));
        if (Status s = model_.read(*tensor, first, piece); !s.ok()) return in_file(path_, s);
        if (Status s = visit(piece); !s.ok()) return s;
      }
      return {};
    });
  }

 private:
  std::string path_;
  SafetensorsModel model_;
};

class McncBase final : public ModelFile {
 public:
  static Result<std::unique_ptr<McncBase>> open(const std::string& path, const Limits& limits,
                                                const DecoderOptions& decoding) {
    auto input = open_file(path);
    if (!input.ok()) return input.status();
    return open({path, *std::move(input)}, limits, decoding);
  }

  static Result<std::unique_ptr<McncBase>> open(NamedInput file, const Limits& limits, const DecoderOptions& decoding) {
    Allowance allowance(limits);
    Result<Reader> reader = Reader::open(std::move(file.input), allowance);
    if (!reader.ok()) return reader.status();
    std::unique_ptr<McncBase> model(new McncBase(std::move(file.name), *std::move(reader)));
    Result<Decoder> decoder = Decoder::create(model->reader_, decoding);
    if (!decoder.ok()) return decoder.status();
    model->decoder_ = *std::move(decoder);
    model->chain.manifest = &model->manifest();
    return model;
  }

  const Manifest& manifest() const noexcept { return reader_.manifest(); }
  Decoder& decoder() noexcept { return *decoder_; }

  Result<Entry> find(const std::string& name) noexcept override {
    return boundary([&]() -> Result<Entry> {
      const Tensor* tensor = manifest().find(name);
      if (tensor == nullptr || tensor->factor) return no_tensor(path_, name);
      return Entry{tensor->dtype, tensor->shape};
    });
  }

  Status read(const std::string& name, std::span<std::byte> out) noexcept override {
    return boundary([&]() -> Status {
      const Tensor* tensor = manifest().find(name);
      if (tensor == nullptr || out.size() != tensor->bytes()) return no_tensor(path_, name);
      if (depth != nullptr && *depth == kMaxChain) {
        return {ErrorCode::kBase, kRule,
                path_ + ": base models start from each other in a chain longer than " + std::to_string(kMaxChain) +
                    ", or one of them from itself"};
      }
      int alone = 0;
      const Descent descent(depth != nullptr ? *depth : alone);
      return in_file(path_, read_tensor(*tensor, out));
    });
  }

  TensorForm form(const std::string& name) const override {
    const Tensor& tensor = *manifest().find(name);
    return {std::string(mcnc::name(tensor.dtype)), tensor.dtype, tensor.shape, tensor.bytes()};
  }

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const Tensor& tensor : manifest().tensors) {
      if (!tensor.factor) names.push_back(tensor.name);
    }
    return names;
  }

  Status stream(const std::string& name, const Visit& visit) noexcept override {
    return boundary([&]() -> Status {
      const Tensor* tensor = manifest().find(name);
      if (tensor == nullptr) return no_tensor(path_, name);
      VisitSink sink(visit);
      return in_file(path_, decoder_->decode(index_of(*tensor), sink));
    });
  }

  // Its bases, once they are known: not empty then, if it has any.
  ChainFile chain;
  // Of a base: how many bases are at work, one within the other. Belongs to BaseModels.
  int* depth = nullptr;

 private:
  McncBase(std::string path, Reader reader) : path_(std::move(path)), reader_(std::move(reader)) {}

  // A stored tensor by pieces: the decoder would hold all of it beside `out`.
  Status read_tensor(const Tensor& tensor, std::span<std::byte> out) {
    const auto* shared = std::get_if<Shared>(&tensor.source);
    const Tensor& made = shared != nullptr ? manifest().tensors[shared->tensor] : tensor;
    const auto* stored = std::get_if<Stored>(&made.source);
    if (stored == nullptr) return decoder_->decode_range(index_of(tensor), 0, tensor.elements(), out);
    const Result<std::shared_ptr<Input>> segment = reader_.open_segment(stored->segment);
    return segment.ok() ? (*segment)->read_at(0, out) : segment.status();
  }

  std::size_t index_of(const Tensor& tensor) const noexcept {
    return static_cast<std::size_t>(&tensor - manifest().tensors.data());
  }

  std::string path_;
  Reader reader_;
  std::optional<Decoder> decoder_;
};

BaseModels::BaseModels(const Limits& limits, const DecoderOptions& decoding)
    : limits_(limits), decoding_(decoding), depth_(std::make_unique<int>(0)) {}
BaseModels::BaseModels(BaseModels&&) noexcept = default;
BaseModels::~BaseModels() = default;

Result<BaseModels> BaseModels::open(const std::vector<std::string>& paths, const Limits& limits,
                                    const DecoderOptions& decoding) noexcept {
  return boundary([&]() -> Result<BaseModels> {
    BaseModels bases(limits, decoding);
    for (const std::string& path : paths) {
      const Result<bool> mcnc = is_mcnc(path);
      if (!mcnc.ok()) return in_file(path, mcnc.status());
      if (*mcnc) {
        if (Status s = bases.add_mcnc(McncBase::open(path, kUnlimited, decoding)); !s.ok()) return in_file(path, s);
      } else {
        Result<SafetensorsModel> model = SafetensorsModel::open(path);
        if (!model.ok()) return in_file(path, model.status());
        bases.safetensors_.push_back(std::make_unique<SafetensorsBase>(path, *std::move(model)));
      }
    }
    return bases;
  });
}

Result<BaseModels> BaseModels::open_inputs(std::vector<NamedInput> files, const Limits& limits,
                                           const DecoderOptions& decoding) noexcept {
  return boundary([&]() -> Result<BaseModels> {
    BaseModels bases(limits, decoding);
    std::vector<NamedInput> shards;
    for (NamedInput& file : files) {
      const std::string name = file.name;
      if (file.input == nullptr) {
        return in_file(name, Status(ErrorCode::kArgument, "", "there is no input to open"));
      }
      if (!is_mcnc(first_bytes(*file.input))) {
        shards.push_back(std::move(file));
      } else if (Status s = bases.add_mcnc(McncBase::open(std::move(file), kUnlimited, decoding)); !s.ok()) {
        return in_file(name, s);
      }
    }
    if (shards.empty()) return bases;
    const std::string name = shards.front().name;
    Result<SafetensorsModel> model = SafetensorsModel::open_shards(std::move(shards));
    if (!model.ok()) return model.status();
    bases.safetensors_.push_back(std::make_unique<SafetensorsBase>(name, *std::move(model)));
    return bases;
  });
}

Status BaseModels::add_mcnc(Result<std::unique_ptr<McncBase>> model) {
  if (!model.ok()) return model.status();
  (*model)->depth = depth_.get();
  mcnc_.push_back(*std::move(model));
  return {};
}

Result<std::unique_ptr<ModelFile>> BaseModels::open_model(const std::string& path, const Limits& limits) noexcept {
  return boundary([&]() -> Result<std::unique_ptr<ModelFile>> {
    const Result<bool> mcnc = is_mcnc(path);
    if (!mcnc.ok()) return in_file(path, mcnc.status());
    if (!*mcnc) {
      Result<SafetensorsModel> model = SafetensorsModel::open(path);
      if (!model.ok()) return in_file(path, model.status());
      return std::unique_ptr<ModelFile>(std::make_unique<SafetensorsBase>(path, *std::move(model)));
    }
    Result<std::unique_ptr<McncBase>> model = McncBase::open(path, limits, decoding_);
    if (!model.ok()) return in_file(path, model.status());
    const Result<std::vector<BaseModel*>> models = match((*model)->manifest());
    if (!models.ok()) return in_file(path, models.status());
    if (Status s = set_bases((*model)->decoder(), *models); !s.ok()) return s;
    return std::unique_ptr<ModelFile>(*std::move(model));
  });
}

Status BaseModels::supply(Decoder& decoder) noexcept {
  const Result<std::vector<BaseModel*>> models = match(decoder.manifest());
  return models.ok() ? set_bases(decoder, *models) : models.status();
}

Result<std::vector<BaseModel*>> BaseModels::match(const Manifest& manifest) noexcept {
  return boundary([&]() -> Result<std::vector<BaseModel*>> {
    ChainFile top{&manifest, {}};
    Result<std::vector<BaseModel*>> models = find(top);
    if (!models.ok()) return models;
    if (Status s = supply_chain(top); !s.ok()) return s;
    if (Status s = charge(top); !s.ok()) return s;
    return models;
  });
}

// Fills file.bases.
Result<std::vector<BaseModel*>> BaseModels::find(ChainFile& file) {
  const Manifest& manifest = *file.manifest;
  std::vector<std::vector<const Tensor*>> started(manifest.bases.size());  // by base: the tensors that start from it
  for (const Tensor& tensor : manifest.tensors) {
    const BaseTheta0* start = start_of(tensor);
    if (start == nullptr) continue;
    if (start->base >= started.size()) {
      return Status(ErrorCode::kArgument, "base.index", "tensor " + tensor.name + ": no base of that index");
    }
    started[start->base].push_back(&tensor);
  }
  std::vector<BaseModel*> models;
  file.bases.clear();
  for (std::uint32_t i = 0; i < manifest.bases.size(); ++i) {
    McncBase* base = find_mcnc(file, i);
    file.bases.push_back(base != nullptr ? &base->chain : nullptr);
    models.push_back(base != nullptr ? base : find_safetensors(file, i, started[i]));
  }
  return models;
}

// No file is its own base, but one that holds the same weights in another way may be.
McncBase* BaseModels::find_mcnc(const ChainFile& file, std::uint32_t base) {
  for (const auto& model : mcnc_) {
    if (&model->chain == &file) continue;
    if (model->manifest().weights_identity == file.manifest->bases[base].weights_identity) return model.get();
  }
  return nullptr;
}

// Finds the bases of all files that `top` leads to, and hands them to their decoders.
Status BaseModels::supply_chain(const ChainFile& top) {
  std::vector<const ChainFile*> waiting = {&top};
  while (!waiting.empty()) {
    const std::vector<const ChainFile*> bases = waiting.back()->bases;
    waiting.pop_back();
    for (const auto& model : mcnc_) {
      if (std::ranges::find(bases, &model->chain) == bases.end() || !model->chain.bases.empty()) continue;
      const Result<std::vector<BaseModel*>> models = find(model->chain);
      if (!models.ok()) return models.status();
      if (Status s = set_bases(model->decoder(), *models); !s.ok()) return s;
      waiting.push_back(&model->chain);
    }
  }
  return {};
}

// What the bases take, against what `top` itself leaves of the limits.
Status BaseModels::charge(const ChainFile& top) const {
  const Cost& own = top.manifest->budget;
  const auto left = [](std::uint64_t limit, std::uint64_t spent) { return limit - std::min(limit, spent); };
  Allowance allowance({limits_.output_bytes, left(limits_.multiply_adds, own.multiply_adds),
                       left(limits_.scratch_bytes, own.scratch_bytes)});
  const std::optional<Cost> cost = cost_of_bases(top);
  if (!cost)
    return {ErrorCode::kLimit, "limit.multiply_adds", "what tensors start from takes more than any limit allows"};
  const Status s = allowance.spend(*cost);
  return s.ok() ? s : Status(s.code(), s.rule(), "with the base models that tensors start from, " + s.message());
}

// Of several safetensors models, one that has all tensors the manifest takes from `base`, the smallest of them with
// the right digest. Whether all have, the decoder checks.
BaseModel* BaseModels::find_safetensors(const ChainFile& file, std::uint32_t base,
                                        std::span<const Tensor* const> tensors) {
  if (safetensors_.size() == 1) return safetensors_.front().get();
  const auto name_of = [](const Tensor& tensor) -> const std::string& {
    const BaseTheta0& start = *start_of(tensor);
    return start.tensor.empty() ? tensor.name : start.tensor;
  };
  const auto fits = [&](SafetensorsBase& model) {
    if (tensors.empty()) return true;
    for (const Tensor* tensor : tensors) {
      const Result<BaseModel::Entry> entry = model.find(name_of(*tensor));
      if (!entry.ok() || entry->dtype != start_of(*tensor)->dtype || entry->shape != tensor->shape) return false;
    }
    const Tensor& smallest = **std::ranges::min_element(tensors, {}, &Tensor::elements);
    MerkleTree digest;
    const Status s = model.stream(name_of(smallest), [&](std::span<const std::byte> bytes) -> Status {
      digest.update(bytes);
      return {};
    });
    return s.ok() && digest.finish() == start_of(smallest)->digest;
  };
  for (const auto& model : safetensors_) {
    if (fits(*model)) return model.get();
  }
  const Base& missing = file.manifest->bases[base];
  const bool itself = std::ranges::any_of(mcnc_, [&](const auto& model) {
    return &model->chain == &file && model->manifest().weights_identity == missing.weights_identity;
  });
  const char* why = itself ? "which is what starts from it itself" : "which is none of those given";
  return missing_.emplace_back(std::make_unique<MissingBase>(missing, why)).get();
}

Status set_bases(Decoder& decoder, std::span<BaseModel* const> models) noexcept {
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (models[i] == nullptr) continue;
    if (Status s = decoder.set_base(i, *models[i]); !s.ok()) return s;
  }
  return {};
}

}  // namespace mcnc
