// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decoder/tensor_decoder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/checked_math.h"
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

namespace mcnc {
namespace {

Status check_theta0(std::span<const std::byte> stored, DType dtype, const Tensor& tensor) {
  const std::size_t size = size_of(dtype);
  for (std::size_t at = 0; at < stored.size(); at += size) {
    float value = 0;
    widen(stored.subspan(at, size), dtype, std::span(&value, 1));
    if (!(std::fabs(value) <= kMaxTheta0)) {
      return {Code::kValue, "tensor.theta0",
              "theta0 of tensor " + tensor.name + " is not finite or larger than 2^64 at element " +
                  std::to_string(at / size)};
    }
  }
  return {};
}

// The values of a stored layer's weights or biases.
Result<std::vector<float>> load_floats(Reader& reader, std::size_t segment, DType dtype) {
  const Result<std::vector<std::byte>> bytes = reader.read_segment(segment);
  if (!bytes.ok()) return bytes.status();
  std::vector<float> values(bytes->size() / size_of(dtype));
  widen(*bytes, dtype, values);
  if (!std::ranges::all_of(values, [](float value) { return std::fabs(value) <= kMaxFloat; })) {
    return Status(Code::kValue, "generator.weights",
                  "a stored weight or bias of a generator is not finite or too large");
  }
  return values;
}

Status other_generator() {
  return {Code::kFingerprint, "generator.fingerprint",
          "this decoder makes another generator of the seed than the file was written with"};
}

std::string form_text(DType dtype, const std::vector<std::uint64_t>& shape) {
  std::string text(name(dtype));
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? " " : " x ") + std::to_string(shape[i]);
  return text;
}

// start: what `tensor` starts from, of the model `base`.
Status wrong_base(const Tensor& tensor, const BaseTheta0& start, const Base& base, const std::string& why) {
  const std::string& name = start.tensor.empty() ? tensor.name : start.tensor;
  return {Code::kBase, "tensor.base",
          "tensor " + tensor.name + " starts from tensor " + name + " of the base model " + base.name + why};
}

// A factor as float32, bounded so that no sum of products can overflow.
Result<std::vector<float>> load_factor(Parts& parts, std::size_t tensor) {
  const Tensor& factor = parts.reader().manifest().tensors[tensor];
  const Result<TensorDecoder> decoder = TensorDecoder::load(parts, tensor);
  if (!decoder.ok()) return decoder.status();
  std::vector<std::byte> bytes(to_size(factor.bytes()));
  decoder->decode(0, factor.elements(), bytes);
  std::vector<float> values(to_size(factor.elements()));
  widen(bytes, factor.dtype, values);
  if (!std::ranges::all_of(values, [](float value) { return std::fabs(value) <= kMaxFactor; })) {
    return Status(Code::kValue, "tensor.factor_value", "factor " + factor.name + " is not finite or larger than 2^40");
  }
  return values;
}

std::uint64_t chunk_dim_of(const PackedGenerator& generator) {
  return std::visit([](const auto& any) { return std::uint64_t{any.layers.back().width}; }, generator);
}

// Weights of the chunks that are best made together, within reason.
std::uint64_t elements_together(const PackedGenerator& generator) {
  static constexpr std::uint64_t kMost = std::uint64_t{1} << 20;
  return std::visit(
      [](const auto& any) {
        return any.layers.size() == 1
                   ? 0
                   : std::min(kMost, std::uint64_t{kRowsTogether} * std::uint64_t{any.layers.back().width});
      },
      generator);
}

}  // namespace

Parts::Parts(Reader& reader, const Kernels& kernels)
    : reader_(&reader),
      kernels_(&kernels),
      bases_(reader.manifest().bases.size(), nullptr),
      generators_(reader.manifest().generators.size()),
      codes_(reader.manifest().codes.size()) {}

const PackedGenerator* Parts::generator(std::size_t index, Status& status) {
  std::optional<PackedGenerator>& slot = generators_[index];
  if (!slot) {
    Result<PackedGenerator> loaded = load_generator(index);
    if (!loaded.ok()) {
      status = loaded.status();
      return nullptr;
    }
    slot = *std::move(loaded);
  }
  return &*slot;
}

const LoadedCodes* Parts::codes(std::size_t index, Status& status) {
  std::optional<LoadedCodes>& slot = codes_[index];
  if (!slot) {
    Result<LoadedCodes> loaded = load_codes(reader_->manifest().codes[index]);
    if (!loaded.ok()) {
      status = loaded.status();
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
      Result<std::vector<float>> weights = load_floats(*reader_, *layer.weights_segment, layer.weights_type);
      if (!weights.ok()) return weights.status();
      stored[l].weights = *std::move(weights);
    }
    if (layer.bias_segment) {
      Result<std::vector<float>> bias = load_floats(*reader_, *layer.bias_segment, DType::kF32);
      if (!bias.ok()) return bias.status();
      stored[l].bias = *std::move(bias);
    }
  }
  const FloatGenerator expanded = expand_float(generator, std::move(stored), *kernels_);
  PackedFloat packed(*kernels_, expanded);
  if (fingerprint(expanded, packed, generator.seed) != generator.fingerprint) return other_generator();
  return PackedGenerator(std::move(packed));
}

Result<PackedGenerator> Parts::load_integer(std::size_t index) {
  const Generator& generator = reader_->manifest().generators[index];
  std::vector<std::vector<std::int8_t>> stored(generator.layers.size());
  for (std::size_t l = 0; l < stored.size(); ++l) {
    if (!generator.layers[l].weights_segment) continue;
    const Result<std::vector<std::byte>> bytes = reader_->read_segment(*generator.layers[l].weights_segment);
    if (!bytes.ok()) return bytes.status();
    stored[l].resize(bytes->size());
    std::ranges::transform(*bytes, stored[l].begin(), [](std::byte b) { return static_cast<std::int8_t>(b); });
  }
  const ExpandedGenerator expanded = expand(generator, std::move(stored), *kernels_);
  if (fingerprint(expanded, generator.seed) != generator.fingerprint) return other_generator();
  const bool wide_alpha = std::ranges::any_of(reader_->manifest().codes, [&](const Codes& codes) {
    return codes.generator == index && codes.alpha_type != AlphaType::kInt8;
  });
  return PackedGenerator(PackedInteger(*kernels_, expanded, wide_alpha));
}

Result<LoadedCodes> Parts::load_codes(const Codes& codes) {
  Result<std::vector<std::byte>> alpha = reader_->read_segment(codes.alpha_segment);
  if (!alpha.ok()) return alpha.status();
  Result<std::vector<std::byte>> beta = std::vector<std::byte>();
  if (codes.beta_segment) beta = reader_->read_segment(*codes.beta_segment);
  if (!beta.ok()) return beta.status();
  return LoadedCodes::load(codes, reader_->manifest().generators[codes.generator], *std::move(alpha), *std::move(beta));
}

Result<TensorDecoder> TensorDecoder::load(Parts& parts, std::size_t tensor) {
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
  if (const auto* stored = std::get_if<StoredTheta0>(theta0_)) {
    Result<std::vector<std::byte>> bytes = parts.reader().read_segment(stored->segment);
    if (!bytes.ok()) return bytes.status();
    stored_ = *std::move(bytes);
  } else if (const auto* base = std::get_if<BaseTheta0>(theta0_)) {
    BaseModel* model = parts.base(base->base);
    const Base& described = parts.reader().manifest().bases[base->base];
    if (model == nullptr) {
      return wrong_base(*tensor_, *base, described, ", which was not given");
    }
    const std::string& name = base->tensor.empty() ? tensor_->name : base->tensor;
    const Result<BaseModel::Entry> entry = model->find(name);
    if (!entry.ok()) return entry.status();
    if (entry->dtype != base->dtype || entry->shape != tensor_->shape) {
      return wrong_base(*tensor_, *base, described,
                        ", which is " + form_text(base->dtype, tensor_->shape) + "; in the model given it is " +
                            form_text(entry->dtype, entry->shape));
    }
    stored_.resize(to_size(tensor_->elements() * size_of(base->dtype)));
    if (Status s = model->read(name, stored_); !s.ok()) return s;
    MerkleTree digest;
    digest.update(stored_);
    if (digest.finish() != base->digest) {
      return wrong_base(*tensor_, *base, described,
                        ", and in the model given it has other values: another version of that model, or changed");
    }
  }
  const std::optional<DType> dtype = kept_dtype(*theta0_);
  return dtype ? check_theta0(stored_, *dtype, *tensor_) : Status();
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
  const std::uint64_t together = elements_together(*generator_);
  const std::uint64_t end = std::min(first + std::max(kElements, together), tensor_->elements());
  if (end == first) return end;
  const std::uint64_t d = chunk_dim_of(*generator_);
  const std::uint64_t last = end - 1;
  return last + std::min(d - slices_->position(last) % d, slices_->run(last));
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
