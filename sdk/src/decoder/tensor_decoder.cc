// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decoder/tensor_decoder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/checked_math.h"
#include "manifest/references.h"
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

Status wrong_base(const Tensor& tensor, const std::string& why) {
  return {Code::kBase, "tensor.base", "tensor " + tensor.name + ": the base model " + why};
}

}  // namespace

Parts::Parts(Reader& reader)
    : reader_(&reader),
      bases_(reader.manifest().bases.size(), nullptr),
      generators_(reader.manifest().generators.size()),
      codes_(reader.manifest().codes.size()) {}

const LoadedGenerator* Parts::generator(std::size_t index, Status& status) {
  std::optional<LoadedGenerator>& slot = generators_[index];
  if (!slot) {
    Result<LoadedGenerator> loaded = load_generator(reader_->manifest().generators[index]);
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

Result<LoadedGenerator> Parts::load_generator(const Generator& generator) {
  Result<LoadedGenerator> loaded =
      generator.arithmetic == Arithmetic::kInteger ? load_integer(generator) : load_float(generator);
  if (!loaded.ok()) return loaded;
  const Digest digest = std::visit([&](const auto& any) { return fingerprint(any, generator.seed); }, *loaded);
  if (digest != generator.fingerprint) {
    return Status(Code::kFingerprint, "generator.fingerprint",
                  "this decoder makes another generator of the seed than the file was written with");
  }
  return loaded;
}

Result<LoadedGenerator> Parts::load_float(const Generator& generator) {
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
  return LoadedGenerator(expand_float(generator, std::move(stored)));
}

Result<LoadedGenerator> Parts::load_integer(const Generator& generator) {
  std::vector<std::vector<std::int8_t>> stored(generator.layers.size());
  for (std::size_t l = 0; l < stored.size(); ++l) {
    if (!generator.layers[l].weights_segment) continue;
    const Result<std::vector<std::byte>> bytes = reader_->read_segment(*generator.layers[l].weights_segment);
    if (!bytes.ok()) return bytes.status();
    stored[l].resize(bytes->size());
    std::ranges::transform(*bytes, stored[l].begin(), [](std::byte b) { return static_cast<std::int8_t>(b); });
  }
  return LoadedGenerator(expand(generator, std::move(stored)));
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
  TensorDecoder decoder(manifest.tensors[shared != nullptr ? shared->tensor : tensor]);

  if (const auto* stored = std::get_if<Stored>(&decoder.tensor_->source)) {
    Result<std::vector<std::byte>> bytes = parts.reader().read_segment(stored->segment);
    if (!bytes.ok()) return bytes.status();
    decoder.stored_ = *std::move(bytes);
    return decoder;
  }
  decoder.theta0_ = theta0_of(*decoder.tensor_);
  decoder.product_ = std::get_if<Product>(&decoder.tensor_->source);
  if (decoder.product_ != nullptr) {
    if (Status s = decoder.load_factor(parts, decoder.product_->b, decoder.b_); !s.ok()) return s;
    if (Status s = decoder.load_factor(parts, decoder.product_->a, decoder.a_); !s.ok()) return s;
  } else {
    if (Status s = decoder.load_generated(parts); !s.ok()) return s;
  }
  if (Status s = decoder.load_theta0(parts); !s.ok()) return s;
  return decoder;
}

Status TensorDecoder::load_generated(Parts& parts) {
  const auto& generated = std::get<Generated>(tensor_->source);
  const Codes& codes = parts.reader().manifest().codes[generated.codes];
  codes_per_chunk_ = codes.codes_per_chunk;
  first_element_ = generated.first_element;
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
    if (model == nullptr) {
      return wrong_base(*tensor_, parts.reader().manifest().bases[base->base].name + " is needed and was not given");
    }
    const std::string& name = base->tensor.empty() ? tensor_->name : base->tensor;
    const Result<BaseModel::Entry> entry = model->find(name);
    if (!entry.ok()) return entry.status();
    if (entry->dtype != base->dtype) return wrong_base(*tensor_, "has it in another element type");
    if (entry->shape != tensor_->shape) return wrong_base(*tensor_, "has it in another shape");
    stored_.resize(to_size(tensor_->elements() * size_of(base->dtype)));
    if (Status s = model->read(name, stored_); !s.ok()) return s;
    MerkleTree digest;
    digest.update(stored_);
    if (digest.finish() != base->digest) return wrong_base(*tensor_, "has other values there");
  }
  const std::optional<DType> dtype = kept_dtype(*theta0_);
  return dtype ? check_theta0(stored_, *dtype, *tensor_) : Status();
}

// A factor as float32, bounded so that no sum of products can overflow.
Status TensorDecoder::load_factor(Parts& parts, std::size_t tensor, std::vector<float>& values) {
  const Tensor& factor = parts.reader().manifest().tensors[tensor];
  Result<TensorDecoder> decoder = load(parts, tensor);
  if (!decoder.ok()) return decoder.status();
  std::vector<std::byte> bytes(to_size(factor.bytes()));
  decoder->decode(0, factor.elements(), bytes);
  values.resize(to_size(factor.elements()));
  widen(bytes, factor.dtype, values);
  if (!std::ranges::all_of(values, [](float value) { return std::fabs(value) <= kMaxFactor; })) {
    return {Code::kValue, "tensor.factor_value", "factor " + factor.name + " is not finite or larger than 2^40"};
  }
  return {};
}

std::uint64_t TensorDecoder::piece_end(std::uint64_t first) const noexcept {
  constexpr std::uint64_t kPieceElements = std::uint64_t{1} << 18;
  std::uint64_t end = first + kPieceElements;
  if (generator_ != nullptr) {
    const std::uint64_t d = std::visit([](const auto& any) { return std::uint64_t{any.chunk_dim()}; }, *generator_);
    end = (first_element_ + end + d - 1) / d * d - first_element_;
  }
  return std::min(end, tensor_->elements());
}

void TensorDecoder::decode(std::uint64_t first, std::uint64_t count, std::span<std::byte> out) {
  if (theta0_ == nullptr) {
    const std::size_t size = size_of(tensor_->dtype);
    std::ranges::copy(std::span(stored_).subspan(static_cast<std::size_t>(first) * size, out.size()), out.begin());
    return;
  }
  w_.resize(static_cast<std::size_t>(count));
  fill_theta0(*theta0_, stored_, first, w_);
  if (product_ != nullptr) {
    const std::size_t rank = a_.size() / static_cast<std::size_t>(tensor_->shape[1]);
    add_product(b_, a_, rank, product_->scale, first, w_);
  } else {
    add_chunks(*generator_, *codes_, codes_per_chunk_, first_element_ + first, w_);
  }
  narrow(w_, tensor_->dtype, out);
}

}  // namespace mcnc
