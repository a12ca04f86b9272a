// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decoder/tensor_decoder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "decoder/expand.h"
#include "manifest/validate.h"
#include "tensors/convert.h"
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

}  // namespace

Parts::Parts(Reader& reader)
    : reader_(&reader), generators_(reader.manifest().generators.size()), codes_(reader.manifest().codes.size()) {}

const ExpandedGenerator* Parts::generator(std::size_t index, Status& status) {
  std::optional<ExpandedGenerator>& slot = generators_[index];
  if (!slot) {
    Result<ExpandedGenerator> loaded = load_generator(reader_->manifest().generators[index]);
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

Result<ExpandedGenerator> Parts::load_generator(const Generator& generator) {
  std::vector<std::vector<std::int8_t>> stored(generator.layers.size());
  for (std::size_t l = 0; l < stored.size(); ++l) {
    if (!generator.layers[l].weights_segment) continue;
    const Result<std::vector<std::byte>> bytes = reader_->read_segment(*generator.layers[l].weights_segment);
    if (!bytes.ok()) return bytes.status();
    stored[l].resize(bytes->size());
    std::ranges::transform(*bytes, stored[l].begin(), [](std::byte b) { return static_cast<std::int8_t>(b); });
  }
  ExpandedGenerator expanded = expand(generator, std::move(stored));
  if (fingerprint(expanded, generator.seed) != generator.fingerprint) {
    return Status(Code::kFingerprint, "generator.fingerprint",
                  "this decoder makes another generator of the seed than the file was written with");
  }
  return expanded;
}

Result<LoadedCodes> Parts::load_codes(const Codes& codes) {
  Result<std::vector<std::byte>> alpha = reader_->read_segment(codes.alpha_segment);
  if (!alpha.ok()) return alpha.status();
  Result<std::vector<std::byte>> beta = std::vector<std::byte>();
  if (codes.beta_segment) beta = reader_->read_segment(*codes.beta_segment);
  if (!beta.ok()) return beta.status();
  const std::uint32_t k = reader_->manifest().generators[codes.generator].code_dim;
  return LoadedCodes::load(codes, k, *std::move(alpha), *std::move(beta));
}

Result<TensorDecoder> TensorDecoder::load(Parts& parts, std::size_t tensor) {
  const Manifest& manifest = parts.reader().manifest();
  const auto* shared = std::get_if<Shared>(&manifest.tensors[tensor].source);
  TensorDecoder decoder(manifest.tensors[shared != nullptr ? shared->tensor : tensor]);

  std::optional<std::uint32_t> segment;
  if (const auto* stored = std::get_if<Stored>(&decoder.tensor_->source)) segment = stored->segment;
  decoder.generated_ = std::get_if<Generated>(&decoder.tensor_->source);
  const StoredTheta0* theta0 = nullptr;
  if (decoder.generated_ != nullptr) {
    const Codes& codes = manifest.codes[decoder.generated_->codes];
    decoder.codes_per_chunk_ = codes.codes_per_chunk;
    Status status;
    decoder.generator_ = parts.generator(codes.generator, status);
    if (decoder.generator_ != nullptr) decoder.codes_ = parts.codes(decoder.generated_->codes, status);
    if (!status.ok()) return status;
    theta0 = std::get_if<StoredTheta0>(&decoder.generated_->theta0);
    if (theta0 != nullptr) segment = theta0->segment;
  }
  if (segment) {
    Result<std::vector<std::byte>> bytes = parts.reader().read_segment(*segment);
    if (!bytes.ok()) return bytes.status();
    decoder.stored_ = *std::move(bytes);
  }
  if (theta0 != nullptr) {
    if (Status s = check_theta0(decoder.stored_, theta0->dtype, *decoder.tensor_); !s.ok()) return s;
  }
  return decoder;
}

void TensorDecoder::decode(std::uint64_t first, std::uint64_t count, std::span<std::byte> out) {
  if (generated_ == nullptr) {
    const std::size_t size = size_of(tensor_->dtype);
    std::ranges::copy(std::span(stored_).subspan(static_cast<std::size_t>(first) * size, out.size()), out.begin());
    return;
  }
  w_.resize(static_cast<std::size_t>(count));
  fill_theta0(generated_->theta0, stored_, first, w_);
  add_chunks(*generator_, *codes_, codes_per_chunk_, generated_->first_element + first, w_);
  narrow(w_, tensor_->dtype, out);
}

}  // namespace mcnc
