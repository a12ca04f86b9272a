// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/base.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/boundary.h"
#include "base/checked_math.h"
#include "common/report.h"
#include "common/safetensors_model.h"
#include "container/layout.h"
#include "manifest/references.h"
#include "mcnc/input.h"
#include "mcnc/reader.h"
#include "mcnc/sink.h"
#include "tensors/merkle.h"

namespace mcnc::tools {
namespace {

constexpr int kMaxChain = 8;
constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;
constexpr char kRule[] = "tensor.base";

Status no_tensor(const std::string& path, const std::string& name) {
  return {Code::kBase, kRule, path + ": there is no tensor " + name};
}

// A base that was not given.
class MissingBase final : public BaseModel {
 public:
  explicit MissingBase(const Base& base) : base_(base) {}

  Result<Entry> find(const std::string& name) noexcept override {
    return boundary([&]() -> Result<Entry> {
      return Status(Code::kBase, kRule,
                    "tensor " + name + " starts from the base model " + base_.name + ", weights " +
                        to_hex(base_.weights_identity) + ", which is none of those given with --base");
    });
  }
  Status read(const std::string&, std::span<std::byte>) noexcept override { return {Code::kBase, kRule, {}}; }

 private:
  Base base_;
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

Result<bool> is_mcnc(const std::string& path) {
  const auto input = open_file(path);
  if (!input.ok()) return false;
  std::array<std::byte, layout::kMagic.size()> head{};
  if ((*input)->size() < head.size()) return false;
  if (Status s = (*input)->read_at(0, head); !s.ok()) return s;
  return std::ranges::equal(head, std::as_bytes(std::span(layout::kMagic)));
}

class SafetensorsBase final : public ModelFile {
 public:
  SafetensorsBase(std::string path, SafetensorsModel model) : path_(std::move(path)), model_(std::move(model)) {}

  Result<Entry> find(const std::string& name) noexcept override {
    return boundary([&]() -> Result<Entry> {
      const SafetensorsTensor* tensor = model_.find(name);
      if (tensor == nullptr) return no_tensor(path_, name);
      return Entry{tensor->dtype, tensor->shape};
    });
  }

  Status read(const std::string& name, std::span<std::byte> out) noexcept override {
    return boundary([&]() -> Status {
      const SafetensorsTensor* tensor = model_.find(name);
      if (tensor == nullptr || out.size() != tensor->bytes) return no_tensor(path_, name);
      const Status s = model_.read(*tensor, 0, out);
      return s.ok() ? s : in_file(path_, s);
    });
  }

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const SafetensorsTensor* tensor : model_.tensors()) names.push_back(tensor->name);
    std::ranges::sort(names);
    return names;
  }

  Status stream(const std::string& name, const Visit& visit) override {
    const SafetensorsTensor& tensor = *model_.find(name);
    std::vector<std::byte> piece;
    for (std::uint64_t first = 0; first < tensor.bytes; first += piece.size()) {
      piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, tensor.bytes - first)));
      if (Status s = model_.read(tensor, first, piece); !s.ok()) return in_file(path_, s);
      if (Status s = visit(piece); !s.ok()) return s;
    }
    return {};
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
    Allowance allowance(limits);
    Result<Reader> reader = Reader::open(*std::move(input), allowance);
    if (!reader.ok()) return reader.status();
    std::unique_ptr<McncBase> model(new McncBase(path, *std::move(reader)));
    Result<Decoder> decoder = Decoder::create(model->reader_, decoding);
    if (!decoder.ok()) return decoder.status();
    model->decoder_ = *std::move(decoder);
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
      const Status s = read_tensor(*tensor, out);
      return s.ok() ? s : in_file(path_, s);
    });
  }

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const Tensor& tensor : manifest().tensors) {
      if (!tensor.factor) names.push_back(tensor.name);
    }
    return names;
  }

  Status stream(const std::string& name, const Visit& visit) override {
    VisitSink sink(visit);
    const Status s = decoder_->decode(index_of(*manifest().find(name)), sink);
    return s.ok() ? s : in_file(path_, s);
  }

  // Of the longest chain of .mcnc files that begins here; 0 until its own bases are known.
  int height = 0;
  // Its bases are being looked for.
  bool pending = false;

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

Bases::Bases(const DecoderOptions& decoding) : decoding_(decoding) {}
Bases::Bases(Bases&&) noexcept = default;
Bases::~Bases() = default;

Result<Bases> Bases::open(const std::vector<std::string>& paths, const Limits& limits, const DecoderOptions& decoding) {
  Bases bases(decoding);
  for (const std::string& path : paths) {
    const Result<bool> mcnc = is_mcnc(path);
    if (!mcnc.ok()) return in_file(path, mcnc.status());
    if (*mcnc) {
      Result<std::unique_ptr<McncBase>> model = McncBase::open(path, limits, decoding);
      if (!model.ok()) return in_file(path, model.status());
      bases.mcnc_.push_back(*std::move(model));
    } else {
      Result<SafetensorsModel> model = SafetensorsModel::open(path);
      if (!model.ok()) return in_file(path, model.status());
      bases.safetensors_.push_back(std::make_unique<SafetensorsBase>(path, *std::move(model)));
    }
  }
  return bases;
}

Result<std::unique_ptr<ModelFile>> Bases::open_model(const std::string& path, const Limits& limits) {
  Result<Bases> opened = open({path}, limits, decoding_);
  if (!opened.ok()) return opened.status();
  if (opened->mcnc_.empty()) return std::unique_ptr<ModelFile>(std::move(opened->safetensors_.front()));
  const Result<std::vector<BaseModel*>> models = match(opened->mcnc_.front()->manifest());
  if (!models.ok()) return in_file(path, models.status());
  if (Status s = set_bases(opened->mcnc_.front()->decoder(), *models); !s.ok()) return s;
  return std::unique_ptr<ModelFile>(std::move(opened->mcnc_.front()));
}

Result<std::vector<BaseModel*>> Bases::match(const Manifest& manifest) {
  int longest = 0;
  return match(manifest, 0, longest);
}

Result<std::vector<BaseModel*>> Bases::match(const Manifest& manifest, int depth, int& longest) {
  std::vector<BaseModel*> models;
  for (std::uint32_t i = 0; i < manifest.bases.size(); ++i) {
    const Result<McncBase*> file = find_mcnc(manifest.bases[i], depth);
    if (!file.ok()) return file.status();
    if (*file != nullptr) longest = std::max(longest, (*file)->height);
    models.push_back(*file != nullptr ? *file : find_safetensors(manifest, i));
  }
  return models;
}

Result<McncBase*> Bases::find_mcnc(const Base& base, int depth) {
  bool circular = false;
  for (const auto& model : mcnc_) {
    if (model->manifest().weights_identity != base.weights_identity) continue;
    circular = circular || model->pending;
    if (model->pending) continue;
    if (Status s = supply(*model, depth); !s.ok()) return s;
    return model.get();
  }
  if (circular) return Status(Code::kBase, kRule, "the base model " + base.name + " starts from itself");
  return nullptr;
}

Status Bases::supply(McncBase& model, int depth) {
  if (depth + std::max(model.height, 1) > kMaxChain) {
    return {Code::kLimit, "", "base models start from each other in a chain longer than " + std::to_string(kMaxChain)};
  }
  if (model.height > 0) return {};
  int longest = 0;
  model.pending = true;
  const Result<std::vector<BaseModel*>> models = match(model.manifest(), depth + 1, longest);
  model.pending = false;
  if (!models.ok()) return models.status();
  model.height = longest + 1;
  return set_bases(model.decoder(), *models);
}

// Of several safetensors models, one that has all tensors the manifest takes from `base`, the smallest of them with
// the right digest. Whether all have, the decoder checks.
BaseModel* Bases::find_safetensors(const Manifest& manifest, std::uint32_t base) {
  const Tensor* smallest = nullptr;
  std::vector<const Tensor*> tensors;
  for (const Tensor& tensor : manifest.tensors) {
    const Theta0* theta0 = theta0_of(tensor);
    const auto* start = theta0 != nullptr ? std::get_if<BaseTheta0>(theta0) : nullptr;
    if (start == nullptr || start->base != base) continue;
    tensors.push_back(&tensor);
    if (smallest == nullptr || tensor.elements() < smallest->elements()) smallest = &tensor;
  }

  const auto start_of = [](const Tensor& tensor) -> const BaseTheta0& {
    return std::get<BaseTheta0>(*theta0_of(tensor));
  };
  const auto name_of = [&](const Tensor& tensor) -> const std::string& {
    return start_of(tensor).tensor.empty() ? tensor.name : start_of(tensor).tensor;
  };
  const auto fits = [&](SafetensorsBase& model) {
    for (const Tensor* tensor : tensors) {
      const Result<BaseModel::Entry> entry = model.find(name_of(*tensor));
      if (!entry.ok() || entry->dtype != start_of(*tensor).dtype || entry->shape != tensor->shape) return false;
    }
    MerkleTree digest;
    const Status s = model.stream(name_of(*smallest), [&](std::span<const std::byte> bytes) -> Status {
      digest.update(bytes);
      return {};
    });
    return s.ok() && digest.finish() == start_of(*smallest).digest;
  };
  if (safetensors_.size() == 1) return safetensors_.front().get();
  for (const auto& model : safetensors_) {
    if (fits(*model)) return model.get();
  }
  return missing_.emplace_back(std::make_unique<MissingBase>(manifest.bases[base])).get();
}

Status set_bases(Decoder& decoder, std::span<BaseModel* const> models) {
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (Status s = decoder.set_base(i, *models[i]); !s.ok()) return s;
  }
  return {};
}

}  // namespace mcnc::tools
