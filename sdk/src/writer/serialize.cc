// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "base/boundary.h"
#include "base/fp_environment.h"
#include "container/assemble.h"
#include "container/segment.h"
#include "decoder/tensor_decoder.h"
#include "generator/expanded.h"
#include "generator/float_generator.h"
#include "manifest/cost.h"
#include "manifest/identity.h"
#include "manifest/references.h"
#include "mcnc/writer.h"
#include "tensors/convert.h"
#include "tensors/merkle.h"

namespace mcnc {
namespace {

// Generators and tensors must be sound enough to be walked before the whole manifest can be validated.
Status check_indices(const Model& model) {
  const Manifest& m = model.manifest;
  for (const Generator& generator : m.generators) {
    if (generator.layers.empty()) return {Code::kArgument, "generator.layers", "a generator has no layers"};
    if (generator.chunk_dim() == 0) return {Code::kArgument, "generator.width", "a generator has no outputs"};
  }
  for (const Codes& codes : m.codes) {
    if (codes.generator >= m.generators.size()) {
      return {Code::kArgument, "codes.generator", "codes name a generator that does not exist"};
    }
  }
  // What a shared tensor or a product refers to must be made by itself, or walking them would not end.
  const auto is_made = [&](std::uint32_t index) {
    return index < m.tensors.size() && (std::holds_alternative<Generated>(m.tensors[index].source) ||
                                        std::holds_alternative<Stored>(m.tensors[index].source));
  };
  for (const Tensor& tensor : m.tensors) {
    const auto* generated = std::get_if<Generated>(&tensor.source);
    if (generated != nullptr && (generated->codes >= m.codes.size() || tensor.elements() == 0)) {
      return {Code::kArgument, "tensor.generated", "tensor " + tensor.name + " has no codes or no elements"};
    }
    if (generated != nullptr && generated->slices == 0) {
      return {Code::kArgument, "tensor.slices", "tensor " + tensor.name + " is cut in no slices"};
    }
    const auto* shared = std::get_if<Shared>(&tensor.source);
    if (shared != nullptr &&
        (shared->tensor >= m.tensors.size() || std::holds_alternative<Shared>(m.tensors[shared->tensor].source))) {
      return {Code::kArgument, "tensor.shared",
              "tensor " + tensor.name + " shares one that is missing or shared itself"};
    }
    const auto* product = std::get_if<Product>(&tensor.source);
    if (product != nullptr && (!is_made(product->b) || !is_made(product->a) || m.tensors[product->a].shape.empty())) {
      return {Code::kArgument, "tensor.product", "tensor " + tensor.name + " is a product of what is no factor"};
    }
  }
  std::vector<bool> used(model.segments.size(), false);
  bool once = true;
  each_reference(m, [&](std::uint32_t segment, std::uint64_t bytes) {
    once = once && segment < used.size() && !used[segment] && model.segments[segment].size() == bytes;
    if (once) used[segment] = true;
  });
  if (once && std::ranges::find(used, false) == used.end()) return {};
  return {Code::kArgument, "segment.reference", "each segment must be used once, by what needs exactly its bytes"};
}

void sort_tensors(std::vector<Tensor>& tensors) {
  std::vector<std::uint32_t> order(tensors.size());  // new position -> old
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [&](std::uint32_t i) -> const std::string& { return tensors[i].name; });
  std::vector<std::uint32_t> position(tensors.size());  // old -> new
  std::vector<Tensor> sorted;
  for (const std::uint32_t old : order) {
    position[old] = static_cast<std::uint32_t>(sorted.size());
    sorted.push_back(std::move(tensors[old]));
  }
  for (Tensor& tensor : sorted) {
    if (auto* shared = std::get_if<Shared>(&tensor.source)) shared->tensor = position[shared->tensor];
    if (auto* product = std::get_if<Product>(&tensor.source)) {
      product->b = position[product->b];
      product->a = position[product->a];
    }
  }
  tensors = std::move(sorted);
}

// Numbers segments in the order they are referred to.
void sort_segments(Model& model) {
  std::vector<std::vector<std::byte>> sorted;
  each_reference(model.manifest, [&](std::uint32_t& segment, std::uint64_t) {
    sorted.push_back(std::move(model.segments[segment]));
    segment = static_cast<std::uint32_t>(sorted.size() - 1);
  });
  model.segments = std::move(sorted);
}

Digest float_fingerprint(const Model& model, const Generator& generator) {
  const auto floats = [&](const std::optional<std::uint32_t>& segment, DType dtype) {
    std::vector<float> values;
    if (!segment) return values;
    const std::vector<std::byte>& bytes = model.segments[*segment];
    values.resize(bytes.size() / size_of(dtype));
    widen(bytes, dtype, values);
    return values;
  };
  std::vector<StoredLayer> stored;
  for (const Layer& layer : generator.layers) {
    stored.push_back({floats(layer.weights_segment, layer.weights_type), floats(layer.bias_segment, DType::kF32)});
  }
  return fingerprint(expand_float(generator, std::move(stored)), generator.seed);
}

void fill_fingerprints(Model& model) {
  for (Generator& generator : model.manifest.generators) {
    if (generator.arithmetic == Arithmetic::kFloat32) {
      generator.fingerprint = float_fingerprint(model, generator);
      continue;
    }
    std::vector<std::vector<std::int8_t>> stored(generator.layers.size());
    for (std::size_t l = 0; l < stored.size(); ++l) {
      if (!generator.layers[l].weights_segment) continue;
      const std::vector<std::byte>& bytes = model.segments[*generator.layers[l].weights_segment];
      stored[l].resize(bytes.size());
      std::ranges::transform(bytes, stored[l].begin(), [](std::byte b) { return static_cast<std::int8_t>(b); });
    }
    generator.fingerprint = fingerprint(expand(generator, std::move(stored)), generator.seed);
  }
}

// Opens `file` as a reader would, whatever it costs, and fills in the digest of every tensor.
Status fill_digests(std::span<const std::byte> file, std::span<BaseModel* const> bases, std::vector<Tensor>& tensors) {
  constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
  Allowance allowance({kAny, kAny, kAny});
  Result<std::unique_ptr<Input>> input = borrow_memory(file);
  if (!input.ok()) return input.status();
  Result<Reader> reader = Reader::open(*std::move(input), allowance);
  if (!reader.ok()) return reader.status();

  const FpEnvironment environment;
  Parts parts(*reader);
  for (std::size_t i = 0; i < bases.size() && i < reader->manifest().bases.size(); ++i) parts.set_base(i, bases[i]);
  std::vector<std::byte> piece;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    Result<TensorDecoder> decoder = TensorDecoder::load(parts, i);
    if (!decoder.ok()) return decoder.status();
    MerkleTree digest;
    const std::uint64_t elements = tensors[i].elements();
    for (std::uint64_t first = 0, end = 0; first < elements; first = end) {
      end = decoder->piece_end(first);
      piece.resize(static_cast<std::size_t>((end - first) * size_of(tensors[i].dtype)));
      decoder->decode(first, end - first, piece);
      digest.update(piece);
    }
    tensors[i].digest = digest.finish();
  }
  return {};
}

}  // namespace

// order -> compress -> place -> decode for the digests -> place again, with them.
Result<std::vector<std::byte>> serialize(Model model, const WriteOptions& options) noexcept {
  return boundary([&]() -> Result<std::vector<std::byte>> {
    if (options.zstd_level < 1 || options.zstd_level > 19) {
      return Status(Code::kArgument, "", "zstd_level must be 1 to 19");
    }
    if (Status s = check_indices(model); !s.ok()) return s;
    Manifest& manifest = model.manifest;
    sort_tensors(manifest.tensors);
    std::ranges::stable_sort(manifest.metadata, {}, &Metadata::key);
    sort_segments(model);
    fill_fingerprints(model);

    std::vector<std::vector<std::byte>> stored;
    manifest.segments.assign(model.segments.size(), {});
    for (std::size_t i = 0; i < model.segments.size(); ++i) {
      stored.push_back(store_segment(std::move(model.segments[i]), options.zstd_level, manifest.segments[i]));
    }
    const std::optional<Cost> cost = cost_of(manifest);
    if (!cost) return Status(Code::kArgument, "budget.exact", "the model is too large to be counted");
    manifest.budget = *cost;

    for (Tensor& tensor : manifest.tensors) tensor.digest = {};
    manifest.weights_identity = weights_identity(manifest.tensors);
    if (Status s = fill_digests(assemble(manifest, stored), options.bases, manifest.tensors); !s.ok()) return s;
    manifest.weights_identity = weights_identity(manifest.tensors);
    return assemble(manifest, stored);
  });
}

}  // namespace mcnc
