// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decoder/tensor_decoder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "decoder/code_rows.h"
#include "decoder/product_rows.h"
#include "decoder/write_rows.h"
#include "manifest/references.h"
#include "manifest/slices.h"
#include "manifest/validate.h"
#include "tensors/convert.h"
#include "tensors/merkle.h"
#include "tensors/product.h"
#include "tensors/theta0.h"
#include "util/about.h"
#include "util/checked_math.h"

namespace mcnc {
namespace {

std::string numbered(const char* what, std::size_t index) { return std::string(what) + " " + std::to_string(index); }

// offset: of the segment that has it, or kNoOffset.
Status check_theta0(std::span<const std::byte> stored, DType dtype, std::uint64_t offset) {
  const std::size_t size = size_of(dtype);
  for (std::size_t at = 0; at < stored.size(); at += size) {
    float value = 0;
    widen(stored.subspan(at, size), dtype, std::span(&value, 1));
    if (!(std::fabs(value) <= kMaxTheta0)) {
      return {ErrorCode::kValue, "tensor.theta0",
              "theta0 is not finite or larger than 2^64 at element " + std::to_string(at / size), offset};
    }
  }
  return {};
}

// The values of a stored layer's weights or biases, `what` of them.
Result<std::vector<float>> load_floats(Reader& reader, std::size_t segment, DType dtype, const std::string& what) {
  const Result<std::vector<std::byte>> bytes = reader.read_segment(segment);
  if (!bytes.ok()) return about(what, bytes.status());
  std::vector<float> values(bytes->size() / size_of(dtype));
  widen(*bytes, dtype, values);
  const auto wrong = std::ranges::find_if(values, [](float value) { return !(std::fabs(value) <= kMaxFloat); });
  if (wrong == values.end()) return values;
  return Status(ErrorCode::kValue, "generator.weights",
                what + ": number " + std::to_string(wrong - values.begin()) + " of segment " + std::to_string(segment) +
                    " is not finite or too large",
                reader.manifest().segments[segment].offset);
}

Status other_generator() {
  return {ErrorCode::kFingerprint, "generator.fingerprint",
          "this decoder makes another generator of the seed than the file was written with"};
}

std::string form_text(DType dtype, const std::vector<std::uint64_t>& shape) {
  std::string text(name(dtype));
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? " " : " x ") + std::to_string(shape[i]);
  return text;
}

// start: what the tensor `name` starts from, of the model `base`. The caller names the tensor that starts from it.
Status wrong_base(const std::string& name, const BaseTheta0& start, const Base& base, const std::string& why) {
  const std::string& there = start.tensor.empty() ? name : start.tensor;
  return {ErrorCode::kBase, "tensor.base", "it starts from tensor " + there + " of the base model " + base.name + why};
}

// What goes wrong within a base is not a fault of the file that starts from it: whatever a status says about a file
// (classes 1, 3 and 4), for the tensor here it is that its base is not there. Limits and the machine are no such thing.
Status in_base(const Status& status) {
  const int about = exit_code(status.code());
  if (status.code() == ErrorCode::kBase || (about != 1 && about != 3 && about != 4)) return status;
  return {ErrorCode::kBase, "tensor.base", "the base model cannot be read: " + status.to_string()};
}

// A factor as float32, bounded so that no sum of products can overflow.
Result<std::vector<float>> load_factor(Parts& parts, std::size_t tensor) {
  const Tensor& factor = parts.reader().manifest().tensors[tensor];
  const Result<TensorDecoder> decoder = TensorDecoder::load(parts, tensor);
  if (!decoder.ok()) return decoder.status();
  std::vector<float> values(to_size(factor.elements()));
  std::vector<std::byte> bytes;  // of a piece
  for (std::uint64_t first = 0, end = 0; first < factor.elements(); first = end) {
    end = decoder->piece_end(first);
    bytes.resize(to_size((end - first) * size_of(factor.dtype)));
    decoder->decode(first, end - first, bytes);
    widen(bytes, factor.dtype, std::span(values).subspan(to_size(first), to_size(end - first)));
  }
  if (!std::ranges::all_of(values, [](float value) { return std::fabs(value) <= kMaxFactor; })) {
    return Status(ErrorCode::kValue, "tensor.factor_value",
                  "its factor " + factor.name + " is not finite or larger than 2^40");
  }
  return values;
}

std::uint64_t chunk_dim_of(const PackedGenerator& generator) {
  return std::visit([](const auto& any) { return std::uint64_t{any.layers.back().width}; }, generator);
}

// Weights that are best made together, at least, and whether a chunk can be made in parts that cost no more than it
// does as a whole: where there is nothing in it that every part would make anew.
struct Together {
  std::uint64_t weights = 0;
  bool in_parts = false;
};

// `weights`: of the whole tensor.
Together together(const PackedGenerator& generator, std::uint64_t weights) {
  // Of chunks whose last layer, hidden or drawn, is shared: within reason.
  static constexpr std::uint64_t kMost = std::uint64_t{1} << 20;
  const std::uint64_t chunks = kRowsTogether * chunk_dim_of(generator);
  const auto* floats = std::get_if<PackedFloat>(&generator);
  const bool shallow = std::visit([](const auto& any) { return any.layers.size() == 1; }, generator);
  const bool in_parts = shallow && (floats == nullptr || !floats->unit_norm);
  if (!shallow) return {std::min(kMost, chunks), in_parts};
  // Of a drawn layer, as many as leave work for several threads.
  if (floats != nullptr && floats->layers.back().is_drawn) return {std::min({kMost, chunks, weights / 8}), in_parts};
  return {0, in_parts};
}

}  // namespace

Parts::Parts(Reader& reader, const Kernels& kernels, ParallelRunner& runner, Fingerprints fingerprints)
    : reader_(&reader),
      kernels_(&kernels),
      runner_(&runner),
      fingerprints_(fingerprints),
      made_(reader.manifest().generators.size()),
      bases_(reader.manifest().bases.size(), nullptr),
      generators_(reader.manifest().generators.size()),
      codes_(reader.manifest().codes.size()) {}

const PackedGenerator* Parts::generator(std::size_t index, Status& status) {
  std::optional<PackedGenerator>& slot = generators_[index];
  if (!slot) {
    Result<PackedGenerator> loaded = load_generator(index);
    if (!loaded.ok()) {
      status = about(numbered("generator", index), loaded.status());
      return nullptr;
    }
    slot = *std::move(loaded);
  }
  return &*slot;
}

const LoadedCodes* Parts::codes(std::size_t index, Status& status) {
  std::optional<LoadedCodes>& slot = codes_[index];
  if (!slot) {
    const Codes& codes = reader_->manifest().codes[index];
    Result<LoadedCodes> loaded = load_codes(codes);
    if (!loaded.ok()) {
      const bool of_beta = codes.beta_segment && loaded.status().rule() == "codes.beta";
      const std::uint32_t segment = of_beta ? *codes.beta_segment : codes.alpha_segment;
      status = about(numbered("codes", index), loaded.status(), reader_->manifest().segments[segment].offset);
      return nullptr;
    }
    slot = *std::move(loaded);
  }
  return &*slot;
}

Result<PackedGenerator> Parts::load_generator(std::size_t index) {
  return reader_->manifest().generators[index].arithmetic == Arithmetic::kInteger ? load_integer(index)
                                                                                  : load_float(index);
}

Result<PackedGenerator> Parts::load_float(std::size_t index) {
  const Generator& generator = reader_->manifest().generators[index];
  std::vector<StoredLayer> stored(generator.layers.size());
  for (std::size_t l = 0; l < stored.size(); ++l) {
    const Layer& layer = generator.layers[l];
    if (layer.weights_segment) {
      Result<std::vector<float>> weights =
          load_floats(*reader_, *layer.weights_segment, layer.weights_type, "weights of layer " + std::to_string(l));
      if (!weights.ok()) return weights.status();
      stored[l].weights = *std::move(weights);
    }
    if (layer.bias_segment) {
      Result<std::vector<float>> bias =
          load_floats(*reader_, *layer.bias_segment, DType::kF32, "bias of layer " + std::to_string(l));
      if (!bias.ok()) return bias.status();
      stored[l].bias = *std::move(bias);
    }
  }
  PackedFloat packed(*kernels_, generator, std::move(stored));
  if (Status s = take_fingerprint(index, mcnc::fingerprint(packed, generator.seed, *runner_)); !s.ok()) return s;
  return PackedGenerator(std::move(packed));
}

Result<PackedGenerator> Parts::load_integer(std::size_t index) {
  const Generator& generator = reader_->manifest().generators[index];
  std::vector<std::vector<std::int8_t>> stored(generator.layers.size());
  for (std::size_t l = 0; l < stored.size(); ++l) {
    if (!generator.layers[l].weights_segment) continue;
    const Result<std::vector<std::byte>> bytes = reader_->read_segment(*generator.layers[l].weights_segment);
    if (!bytes.ok()) return about("weights of layer " + std::to_string(l), bytes.status());
    stored[l].resize(bytes->size());
    std::ranges::transform(*bytes, stored[l].begin(), [](std::byte b) { return static_cast<std::int8_t>(b); });
  }
  const ExpandedGenerator expanded = expand(generator, std::move(stored), *kernels_);
  if (Status s = take_fingerprint(index, mcnc::fingerprint(expanded, generator.seed, *runner_)); !s.ok()) return s;
  const bool wide_alpha = std::ranges::any_of(reader_->manifest().codes, [&](const Codes& codes) {
    return codes.generator == index && codes.alpha_type != AlphaType::kInt8;
  });
  return PackedGenerator(PackedInteger(*kernels_, expanded, wide_alpha));
}

Status Parts::take_fingerprint(std::size_t index, const Result<Digest>& fingerprint) {
  if (!fingerprint.ok()) return fingerprint.status();
  made_[index] = *fingerprint;
  if (fingerprints_ == Fingerprints::kMake || *fingerprint == reader_->manifest().generators[index].fingerprint) {
    return {};
  }
  return other_generator();
}

Result<LoadedCodes> Parts::load_codes(const Codes& codes) {
  Result<std::vector<std::byte>> alpha = reader_->read_segment(codes.alpha_segment);
  if (!alpha.ok()) return about("alpha", alpha.status());
  Result<std::vector<std::byte>> beta = std::vector<std::byte>();
  if (codes.beta_segment) beta = reader_->read_segment(*codes.beta_segment);
  if (!beta.ok()) return about("beta", beta.status());
  return LoadedCodes::load(codes, reader_->manifest().generators[codes.generator], *std::move(alpha), *std::move(beta));
}

Result<TensorDecoder> TensorDecoder::load(Parts& parts, std::size_t tensor) {
  Result<TensorDecoder> decoder = load_unnamed(parts, tensor);
  if (!decoder.ok()) return about("tensor " + parts.reader().manifest().tensors[tensor].name, decoder.status());
  return decoder;
}

Result<TensorDecoder> TensorDecoder::load_unnamed(Parts& parts, std::size_t tensor) {
  const Manifest& manifest = parts.reader().manifest();
  const auto* shared = std::get_if<Shared>(&manifest.tensors[tensor].source);
  TensorDecoder decoder(manifest.tensors[shared != nullptr ? shared->tensor : tensor], parts.kernels());

  if (const auto* stored = std::get_if<Stored>(&decoder.tensor_->source)) {
    Result<std::vector<std::byte>> bytes = parts.reader().read_segment(stored->segment);
    if (!bytes.ok()) return bytes.status();
    decoder.stored_ = *std::move(bytes);
    return decoder;
  }
  decoder.theta0_ = theta0_of(*decoder.tensor_);
  const auto* product = std::get_if<Product>(&decoder.tensor_->source);
  if (Status s = product != nullptr ? decoder.load_product(parts, *product) : decoder.load_generated(parts); !s.ok()) {
    return s;
  }
  if (Status s = decoder.load_theta0(parts); !s.ok()) return s;
  return decoder;
}

Status TensorDecoder::load_generated(Parts& parts) {
  const auto& generated = std::get<Generated>(tensor_->source);
  const Codes& codes = parts.reader().manifest().codes[generated.codes];
  codes_per_chunk_ = codes.codes_per_chunk;
  slices_ = slices_of(*tensor_, generated, parts.reader().manifest().generators[codes.generator].chunk_dim());
  Status status;
  generator_ = parts.generator(codes.generator, status);
  if (generator_ != nullptr) codes_ = parts.codes(generated.codes, status);
  return status;
}

Status TensorDecoder::load_theta0(Parts& parts) {
  std::uint64_t offset = Status::kNoOffset;
  if (const auto* stored = std::get_if<StoredTheta0>(theta0_)) {
    Result<std::vector<std::byte>> bytes = parts.reader().read_segment(stored->segment);
    if (!bytes.ok()) return about("theta0", bytes.status());
    stored_ = *std::move(bytes);
    offset = parts.reader().manifest().segments[stored->segment].offset;
  } else if (const auto* base = std::get_if<BaseTheta0>(theta0_)) {
    BaseModel* model = parts.base(base->base);
    const Base& described = parts.reader().manifest().bases[base->base];
    if (model == nullptr) {
      return wrong_base(tensor_->name, *base, described, ", which was not given");
    }
    const std::string& name = base->tensor.empty() ? tensor_->name : base->tensor;
    const Result<BaseModel::Entry> entry = model->find(name);
    if (!entry.ok()) return in_base(entry.status());
    if (entry->dtype != base->dtype || entry->shape != tensor_->shape) {
      return wrong_base(tensor_->name, *base, described,
                        ", which is " + form_text(base->dtype, tensor_->shape) + "; in the model given it is " +
                            form_text(entry->dtype, entry->shape));
    }
    stored_.resize(to_size(tensor_->elements() * size_of(base->dtype)));
    if (Status s = model->read(name, stored_); !s.ok()) return in_base(s);
    MerkleTree digest;
    digest.update(stored_);
    if (digest.finish() != base->digest) {
      return wrong_base(tensor_->name, *base, described,
                        ", and in the model given it has other values: another version of that model, or changed");
    }
  }
  const std::optional<DType> dtype = kept_dtype(*theta0_);
  return dtype ? check_theta0(stored_, *dtype, offset) : Status();
}

Status TensorDecoder::load_product(Parts& parts, const Product& product) {
  Result<std::vector<float>> b = load_factor(parts, product.b);
  if (!b.ok()) return b.status();
  const Result<std::vector<float>> a = load_factor(parts, product.a);
  if (!a.ok()) return a.status();
  const std::size_t columns = to_size(tensor_->shape[1]);
  b_ = *std::move(b);
  a_.emplace(*kernels_, a->data(), a->size() / columns, columns);
  scale_ = product.scale;
  return {};
}

std::unique_ptr<RowMaker> TensorDecoder::make_rows() const {
  return a_ ? make_product_rows(b_, *a_, scale_) : make_code_rows(*generator_, *codes_, codes_per_chunk_);
}

std::uint64_t TensorDecoder::piece_end(std::uint64_t first) const noexcept {
  constexpr std::uint64_t kElements = std::uint64_t{1} << 16;
  if (generator_ == nullptr) return std::min(first + kElements, tensor_->elements());
  const Together best = together(*generator_, tensor_->elements());
  const std::uint64_t end = std::min(first + std::max(kElements, best.weights), tensor_->elements());
  if (end == first) return end;
  const std::uint64_t d = chunk_dim_of(*generator_);
  const std::uint64_t last = end - 1;
  const std::uint64_t position = slices_->position(last) % d;
  const std::uint64_t run = slices_->run(last);  // to the end of the slice
  const std::uint64_t chunk_end = last + std::min(d - position, run);
  if (!best.in_parts || chunk_end - end < kElements) return chunk_end;
  return last + std::min(kBlock - position % kBlock, run);
}

void TensorDecoder::decode(std::uint64_t first, std::uint64_t count, std::span<std::byte> out, bool past_cache) const {
  const std::size_t size = size_of(tensor_->dtype);
  if (theta0_ == nullptr) {
    std::ranges::copy(std::span(stored_).subspan(static_cast<std::size_t>(first) * size, out.size()), out.begin());
    return;
  }
  const std::unique_ptr<RowMaker> rows = make_rows();
  Run run{first, first, 0};
  for (std::uint64_t done = 0; done < count; done += run.count) {
    run.element = first + done;
    run.position = slices_ ? slices_->position(run.element) : run.element;
    run.count = slices_ ? std::min(count - done, slices_->run(run.element)) : count;
    const Destination destination{tensor_->dtype, out.data() + static_cast<std::size_t>(done) * size, past_cache};
    write_rows(*kernels_, *rows, *theta0_, stored_, run, destination);
  }
}

}  // namespace mcnc
