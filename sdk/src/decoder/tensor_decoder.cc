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
#include "mcnc/about.h"
#include "mcnc/checked_math.h"
#include "mcnc/convert.h"
#include "mcnc/ranges.h"

namespace mcnc {
namespace {

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
  Result<std::vector<std::byte>> theta0 = parts.theta0(*decoder.tensor_);
  if (!theta0.ok()) return theta0.status();
  decoder.stored_ = *std::move(theta0);
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
  if (theta0_ != nullptr) return write(first, count, out, tensor_->dtype, past_cache);
  const std::size_t at = static_cast<std::size_t>(first) * size_of(tensor_->dtype);
  std::ranges::copy(std::span(stored_).subspan(at, out.size()), out.begin());
}

void TensorDecoder::decode_sums(std::uint64_t first, std::uint64_t count, std::span<std::byte> out) const {
  write(first, count, out, DType::kF32, false);
}

void TensorDecoder::write(std::uint64_t first, std::uint64_t count, std::span<std::byte> out, DType dtype,
                          bool past_cache) const {
  const std::unique_ptr<RowMaker> rows = make_rows();
  Run run{first, first, 0};
  for (std::uint64_t done = 0; done < count; done += run.count) {
    run.element = first + done;
    run.position = slices_ ? slices_->position(run.element) : run.element;
    run.count = slices_ ? std::min(count - done, slices_->run(run.element)) : count;
    std::byte* const bytes = out.data() + static_cast<std::size_t>(done) * size_of(dtype);
    write_rows(*kernels_, *rows, *theta0_, stored_, run, {dtype, bytes, past_cache});
  }
}

}  // namespace mcnc
