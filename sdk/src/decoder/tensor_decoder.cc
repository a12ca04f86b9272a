// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decoder/tensor_decoder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "decoder/chunk_tiles.h"
#include "decoder/emit.h"
#include "decoder/product_tiles.h"
#include "manifest/references.h"
#include "manifest/slices.h"
#include "mcnc/about.h"
#include "mcnc/checked_math.h"
#include "mcnc/convert.h"
#include "mcnc/ranges.h"
#include "tensors/leaves.h"
#include "tensors/merkle.h"
#include "util/run_pieces.h"

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
    end = decoder->plan().piece_end(first);
    bytes.resize(to_size((end - first) * size_of(factor.dtype)));
    decoder->decode_piece(first, end - first, bytes);
    widen(bytes, factor.dtype, std::span(values).subspan(to_size(first), to_size(end - first)));
  }
  if (!std::ranges::all_of(values, [](float value) { return std::fabs(value) <= kMaxFactor; })) {
    return Status(ErrorCode::kValue, "tensor.factor_value",
                  "its factor " + factor.name + " is not finite or larger than 2^40");
  }
  return values;
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
  Status status;
  generator_ = parts.generator(codes.generator, status);
  if (generator_ == nullptr) return status;
  const std::uint32_t chunk_dim = parts.reader().manifest().generators[codes.generator].chunk_dim();
  plan_ = Plan(tensor_->elements(), *generator_, slices_of(*tensor_, generated, chunk_dim));
  codes_ = parts.codes(generated.codes, status);
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

Status each_window(const Tensor& tensor, Executor& executor, const WindowMaker& maker, const WindowOf& window_of,
                   const UseWindow& use) {
  const std::size_t size = size_of(tensor.dtype);
  for (std::uint64_t first = 0, end = 0; first < tensor.elements(); first = end) {
    end = maker.end(first);
    const std::uint64_t bytes = (end - first) * size;
    const std::span<std::byte> window = window_of ? window_of(first * size, bytes) : std::span<std::byte>();
    if (Status s = maker.make(first, end - first, window); !s.ok()) return s;
    if (Status s = use(first * size, window); !s.ok()) return s;
    if (Status s = executor.advance(bytes); !s.ok()) return s;
  }
  return {};
}

Result<Digest> TensorDecoder::each_window(Executor& executor, MakeWindows how, const WindowOf& window_of,
                                          const UseWindow& use) const {
  const std::size_t threads = executor.runner().threads();
  const std::uint64_t leaves = how.hashes ? threads * std::uint64_t{leaves_at_a_time(*kernels_)} : 0;
  MerkleTree digest(*kernels_);
  const auto end = [&](std::uint64_t first) {
    return plan_.window_end(threads, first, leaves * kLeafSize / size_of(tensor_->dtype));
  };
  const auto make = [&](std::uint64_t first, std::uint64_t count, std::span<std::byte> window) -> Status {
    if (Status s = decode(executor, first, count, window, how.streaming); !s.ok()) return s;
    if (how.hashes) digest.update(window, executor.runner());
    return {};
  };
  if (Status s = mcnc::each_window(*tensor_, executor, {end, make}, window_of, use); !s.ok()) return s;
  return how.hashes ? digest.finish() : tensor_->digest;
}

Status TensorDecoder::decode(Executor& executor, std::uint64_t first, std::uint64_t count, std::span<std::byte> out,
                             bool streaming) const {
  if (count == 0) return {};
  std::vector<std::uint64_t> starts;  // of pieces, and the end of the last one
  for (std::uint64_t at = first; at < first + count; at = plan_.piece_end(at)) starts.push_back(at);
  starts.push_back(first + count);
  const std::size_t size = size_of(tensor_->dtype);

  return run_pieces(executor.runner(), starts.size() - 1, [&](std::size_t i) -> Status {
    if (executor.is_cancelled()) return {ErrorCode::kCancelled, "", "cancelled"};
    const std::uint64_t n = starts[i + 1] - starts[i];
    const std::size_t at = static_cast<std::size_t>(starts[i] - first) * size;
    decode_piece(starts[i], n, out.subspan(at, static_cast<std::size_t>(n) * size), streaming);
    return {};
  });
}

void TensorDecoder::decode_piece(std::uint64_t first, std::uint64_t count, std::span<std::byte> out,
                                 bool streaming) const {
  if (theta0_ != nullptr) return make(first, count, out, tensor_->dtype, streaming);
  const std::size_t at = static_cast<std::size_t>(first) * size_of(tensor_->dtype);
  std::ranges::copy(std::span(stored_).subspan(at, out.size()), out.begin());
}

void TensorDecoder::decode_sums(std::uint64_t first, std::uint64_t count, std::span<std::byte> out) const {
  make(first, count, out, DType::kF32, false);
}

void TensorDecoder::make(std::uint64_t first, std::uint64_t count, std::span<std::byte> out, DType dtype,
                         bool streaming) const {
  const std::unique_ptr<TileSource> tiles =
      a_ ? make_product_tiles(b_, *a_, scale_) : make_chunk_tiles(*generator_, *codes_, codes_per_chunk_);
  plan_.each_run(first, count, [&](const Run& run) {
    std::byte* const bytes = out.data() + static_cast<std::size_t>(run.element - first) * size_of(dtype);
    emit(*kernels_, *tiles, *theta0_, stored_, run, {dtype, bytes, streaming});
  });
}

}  // namespace mcnc
