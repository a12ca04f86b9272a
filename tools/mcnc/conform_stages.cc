// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "conform_stages.h"

#include <algorithm>
#include <bit>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "arithmetic/sine.h"
#include "arithmetic/turn_sine.h"
#include "codes/codes.h"
#include "decoder/expand.h"
#include "generator/float_generator.h"
#include "generator/reference.h"
#include "manifest/references.h"
#include "manifest/slices.h"
#include "tensors/convert.h"
#include "tensors/product.h"
#include "tensors/theta0.h"
#include "util/checked_math.h"
#include "util/fp_environment.h"
#include "util/little_endian.h"
#include "util/sha256.h"

namespace mcnc::tools {
namespace {

using nlohmann::ordered_json;

constexpr std::uint64_t kPieceElements = std::uint64_t{1} << 18;

// Hashes numbers as they would stand in a file.
template <typename T>
void update(Sha256& hash, std::span<const T> numbers) {
  using Bits = std::make_unsigned_t<std::conditional_t<std::is_same_v<T, float>, std::int32_t, T>>;
  std::vector<std::byte> bytes(numbers.size() * sizeof(T));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    store_le(bytes.data() + i * sizeof(T), std::bit_cast<Bits>(numbers[i]));
  }
  hash.update(bytes);
}

template <typename T>
std::string hex_of(const std::vector<T>& numbers) {
  Sha256 hash;
  update(hash, std::span(numbers));
  return to_hex(hash.finish());
}

// What the tensors of a file are made of, not compared with any digest.
struct Parts {
  Reader& reader;
  std::span<BaseModel* const> bases;
  std::vector<LoadedGenerator> generators = {};
  std::vector<LoadedCodes> codes = {};
};

Result<std::vector<float>> read_floats(Reader& reader, std::size_t segment, DType dtype) {
  const Result<std::vector<std::byte>> bytes = reader.read_segment(segment);
  if (!bytes.ok()) return bytes.status();
  std::vector<float> values(bytes->size() / size_of(dtype));
  widen(*bytes, dtype, values);
  return values;
}

Result<LoadedGenerator> load_float(Reader& reader, const Generator& generator) {
  std::vector<StoredLayer> stored(generator.layers.size());
  for (std::size_t l = 0; l < stored.size(); ++l) {
    const Layer& layer = generator.layers[l];
    Result<std::vector<float>> weights = std::vector<float>();
    Result<std::vector<float>> bias = std::vector<float>();
    if (layer.weights_segment) weights = read_floats(reader, *layer.weights_segment, layer.weights_type);
    if (!weights.ok()) return weights.status();
    if (layer.bias_segment) bias = read_floats(reader, *layer.bias_segment, DType::kF32);
    if (!bias.ok()) return bias.status();
    stored[l] = {*std::move(weights), *std::move(bias)};
  }
  return LoadedGenerator(expand_float(generator, std::move(stored)));
}

Result<LoadedGenerator> load(Reader& reader, const Generator& generator) {
  if (generator.arithmetic == Arithmetic::kFloat32) return load_float(reader, generator);
  std::vector<std::vector<std::int8_t>> stored(generator.layers.size());
  for (std::size_t l = 0; l < stored.size(); ++l) {
    if (!generator.layers[l].weights_segment) continue;
    const Result<std::vector<std::byte>> bytes = reader.read_segment(*generator.layers[l].weights_segment);
    if (!bytes.ok()) return bytes.status();
    stored[l].resize(bytes->size());
    std::ranges::transform(*bytes, stored[l].begin(), [](std::byte b) { return static_cast<std::int8_t>(b); });
  }
  return LoadedGenerator(expand(generator, std::move(stored)));
}

Result<LoadedCodes> load(Reader& reader, const Codes& codes, const Generator& generator) {
  Result<std::vector<std::byte>> alpha = reader.read_segment(codes.alpha_segment);
  if (!alpha.ok()) return alpha.status();
  Result<std::vector<std::byte>> beta = std::vector<std::byte>();
  if (codes.beta_segment) beta = reader.read_segment(*codes.beta_segment);
  if (!beta.ok()) return beta.status();
  return LoadedCodes::load(codes, generator, *std::move(alpha), *std::move(beta));
}

ordered_json generator_stage(const ExpandedGenerator& generator) {
  Sha256 hash;
  for (const ExpandedLayer& layer : generator.layers) update(hash, std::span(layer.weights));
  return {{"weights", to_hex(hash.finish())}};
}

ordered_json generator_stage(const FloatGenerator& generator) {
  Sha256 hash;
  for (const FloatLayer& layer : generator.layers) {
    update(hash, std::span(layer.weights));
    update(hash, std::span(layer.bias));
  }
  return {{"weights", to_hex(hash.finish())}};
}

// What each layer makes of alpha, (k). The spec's steps once more, each kept.
ordered_json layer_stages(const ExpandedGenerator& generator, const std::vector<std::int32_t>& alpha) {
  ordered_json stages = ordered_json::array();
  std::vector<std::int32_t> x = alpha;
  for (const ExpandedLayer& layer : generator.layers) {
    std::vector<std::uint32_t> acc(layer.width);
    accumulate(layer, x, 0, acc);
    ordered_json stage = {{"accumulator", hex_of(acc)}};
    if (layer.activation == Activation::kSine) {
      std::vector<std::uint16_t> phase(acc.size());
      std::ranges::transform(acc, phase.begin(), [&](std::uint32_t a) { return phase_of(layer.frequency, a); });
      stage["phase"] = hex_of(phase);
      std::vector<std::int16_t> s(acc.size());
      std::ranges::transform(phase, s.begin(), sine);
      stage["sine"] = hex_of(s);
      if (&layer != &generator.layers.back()) {
        std::vector<std::int8_t> activation(acc.size());
        std::ranges::transform(s, activation.begin(), narrow_activation);
        stage["activation"] = hex_of(activation);
        x.assign(activation.begin(), activation.end());
      }
    }
    stages.push_back(std::move(stage));
  }
  return stages;
}

ordered_json layer_stages(const FloatGenerator& generator, const std::vector<float>& alpha) {
  ordered_json stages = ordered_json::array();
  std::vector<float> x = alpha;
  for (const FloatLayer& layer : generator.layers) {
    std::vector<float> acc(layer.width);
    accumulate(layer, x, 0, acc);
    ordered_json stage = {{"accumulator", hex_of(acc)}};
    if (layer.activation == Activation::kSine) {
      for (float& value : acc) value = layer.turns * value;
      stage["turns"] = hex_of(acc);
      std::ranges::transform(acc, acc.begin(), turn_sine);
      stage["sine"] = hex_of(acc);
      x = acc;
    }
    stages.push_back(std::move(stage));
  }
  return stages;
}

// Number: of alpha and of the generator's outputs.
template <typename Number, typename AnyGenerator>
ordered_json code_stage(const AnyGenerator& generator, const LoadedCodes& codes) {
  std::vector<Number> alpha(generator.code_dim());
  codes.alpha(0, std::span(alpha));
  std::vector<Number> g(generator.chunk_dim());
  generate(generator, alpha, 0, g);
  return {{"code", 0},
          {"alpha", hex_of(alpha)},
          {"beta", hex_of(std::vector<float>{codes.beta(0)})},
          {"layers", layer_stages(generator, alpha)},
          {"g", hex_of(g)}};
}

ordered_json code_stage(const LoadedGenerator& generator, const LoadedCodes& codes) {
  if (const auto* integer = std::get_if<ExpandedGenerator>(&generator))
    return code_stage<std::int32_t>(*integer, codes);
  return code_stage<float>(std::get<FloatGenerator>(generator), codes);
}

// The bytes of a theta0 that is kept, in the file or in a base model; else none.
Result<std::vector<std::byte>> kept_theta0(Parts& parts, const Tensor& tensor, const Theta0& theta0) {
  if (const auto* stored = std::get_if<StoredTheta0>(&theta0)) return parts.reader.read_segment(stored->segment);
  std::vector<std::byte> bytes;
  if (const auto* start = std::get_if<BaseTheta0>(&theta0)) {
    BaseModel& base = *parts.bases[start->base];
    const std::string& name = start->tensor.empty() ? tensor.name : start->tensor;
    const Result<BaseModel::Entry> entry = base.find(name);
    if (!entry.ok()) return entry.status();
    if (entry->dtype != start->dtype || entry->shape != tensor.shape) {
      return Status(ErrorCode::kBase, "tensor.base",
                    "tensor " + name + " of the base has another element type or shape");
    }
    bytes.resize(to_size(tensor.elements() * size_of(start->dtype)));
    if (Status s = base.read(name, bytes); !s.ok()) return s;
  }
  return bytes;
}

void add_chunks(const Parts& parts, const Tensor& tensor, std::uint64_t first, std::span<float> w) {
  const auto& generated = std::get<Generated>(tensor.source);
  const Codes& codes = parts.reader.manifest().codes[generated.codes];
  const Slices slices = slices_of(tensor, generated, parts.reader.manifest().generators[codes.generator].chunk_dim());
  while (!w.empty()) {
    const std::span part = w.first(static_cast<std::size_t>(std::min<std::uint64_t>(w.size(), slices.run(first))));
    add_chunks(parts.generators[codes.generator], parts.codes[generated.codes], codes.codes_per_chunk,
               slices.position(first), part);
    first += part.size();
    w = w.subspan(part.size());
  }
}

// A factor's values as the product takes them.
Result<std::vector<float>> factor_values(Parts& parts, const Tensor& factor) {
  if (const auto* stored = std::get_if<Stored>(&factor.source)) {
    return read_floats(parts.reader, stored->segment, factor.dtype);
  }
  const auto& generated = std::get<Generated>(factor.source);
  const Result<std::vector<std::byte>> kept = kept_theta0(parts, factor, generated.theta0);
  if (!kept.ok()) return kept.status();
  std::vector<float> w(to_size(factor.elements()));
  fill_theta0(default_kernels(), generated.theta0, *kept, 0, w);
  add_chunks(parts, factor, 0, w);
  std::vector<std::byte> narrowed(to_size(factor.bytes()));
  narrow(w, factor.dtype, narrowed);
  widen(narrowed, factor.dtype, w);
  return w;
}

// Digests of theta0 and of the sum. add(first, w) makes sums of the theta0 in w, a multiple of `unit` elements.
template <typename Add>
ordered_json sum_stage(const Tensor& tensor, const Theta0& theta0, std::span<const std::byte> kept, std::uint64_t unit,
                       Add add) {
  Sha256 start;
  Sha256 sum;
  std::vector<float> w;
  const std::uint64_t step = std::max(kPieceElements / unit, std::uint64_t{1}) * unit;
  const std::uint64_t elements = tensor.elements();
  for (std::uint64_t first = 0; first < elements; first += step) {
    w.resize(static_cast<std::size_t>(std::min(step, elements - first)));
    fill_theta0(default_kernels(), theta0, kept, first, w);
    update(start, std::span<const float>(w));
    add(first, std::span(w));
    update(sum, std::span<const float>(w));
  }
  return {{"theta0", to_hex(start.finish())}, {"sum", to_hex(sum.finish())}};
}

Result<ordered_json> tensor_stage(Parts& parts, const Tensor& tensor) {
  const Theta0* theta0 = theta0_of(tensor);
  if (theta0 == nullptr) return ordered_json::object();
  const Result<std::vector<std::byte>> kept = kept_theta0(parts, tensor, *theta0);
  if (!kept.ok()) return kept.status();
  if (std::holds_alternative<Generated>(tensor.source)) {
    return sum_stage(tensor, *theta0, *kept, 1,
                     [&](std::uint64_t first, std::span<float> w) { add_chunks(parts, tensor, first, w); });
  }

  const std::vector<Tensor>& tensors = parts.reader.manifest().tensors;
  const auto& product = std::get<Product>(tensor.source);
  const Result<std::vector<float>> b = factor_values(parts, tensors[product.b]);  // (rows, rank)
  if (!b.ok()) return b.status();
  const Result<std::vector<float>> a = factor_values(parts, tensors[product.a]);  // (rank, columns)
  if (!a.ok()) return a.status();
  const std::size_t rank = static_cast<std::size_t>(tensors[product.a].shape.front());
  const std::size_t columns = static_cast<std::size_t>(tensor.shape.back());
  return sum_stage(tensor, *theta0, *kept, columns, [&](std::uint64_t first, std::span<float> w) {
    add_product(*b, *a, rank, product.scale, first, w);
  });
}

}  // namespace

Result<ordered_json> record_stages(Reader& reader, std::span<BaseModel* const> bases) {
  const FpEnvironment environment;
  const Manifest& manifest = reader.manifest();
  ordered_json stages = {
      {"generators", ordered_json::array()}, {"codes", ordered_json::array()}, {"tensors", ordered_json::array()}};

  Parts parts{reader, bases};
  for (const Generator& generator : manifest.generators) {
    Result<LoadedGenerator> loaded = load(reader, generator);
    if (!loaded.ok()) return loaded.status();
    parts.generators.push_back(*std::move(loaded));
    stages["generators"].push_back(
        std::visit([](const auto& any) { return generator_stage(any); }, parts.generators.back()));
  }
  for (const Codes& codes : manifest.codes) {
    Result<LoadedCodes> loaded = load(reader, codes, manifest.generators[codes.generator]);
    if (!loaded.ok()) return loaded.status();
    parts.codes.push_back(*std::move(loaded));
    stages["codes"].push_back(code_stage(parts.generators[codes.generator], parts.codes.back()));
  }
  for (const Tensor& tensor : manifest.tensors) {
    Result<ordered_json> stage = tensor_stage(parts, tensor);
    if (!stage.ok()) return stage.status();
    stages["tensors"].push_back(*std::move(stage));
  }
  return stages;
}

}  // namespace mcnc::tools
