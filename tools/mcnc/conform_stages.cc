// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "conform_stages.h"

#include <algorithm>
#include <bit>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/fp_environment.h"
#include "base/little_endian.h"
#include "codes/codes.h"
#include "container/sha256.h"
#include "decoder/expand.h"
#include "generator/reference.h"
#include "generator/sine.h"
#include "tensors/theta0.h"

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

Result<ExpandedGenerator> load(Reader& reader, const Generator& generator) {
  std::vector<std::vector<std::int8_t>> stored(generator.layers.size());
  for (std::size_t l = 0; l < stored.size(); ++l) {
    if (!generator.layers[l].weights_segment) continue;
    const Result<std::vector<std::byte>> bytes = reader.read_segment(*generator.layers[l].weights_segment);
    if (!bytes.ok()) return bytes.status();
    stored[l].resize(bytes->size());
    std::ranges::transform(*bytes, stored[l].begin(), [](std::byte b) { return static_cast<std::int8_t>(b); });
  }
  return expand(generator, std::move(stored));
}

Result<LoadedCodes> load(Reader& reader, const Codes& codes, std::uint32_t code_dim) {
  Result<std::vector<std::byte>> alpha = reader.read_segment(codes.alpha_segment);
  if (!alpha.ok()) return alpha.status();
  Result<std::vector<std::byte>> beta = std::vector<std::byte>();
  if (codes.beta_segment) beta = reader.read_segment(*codes.beta_segment);
  if (!beta.ok()) return beta.status();
  return LoadedCodes::load(codes, code_dim, *std::move(alpha), *std::move(beta));
}

ordered_json generator_stage(const ExpandedGenerator& generator) {
  Sha256 hash;
  for (const ExpandedLayer& layer : generator.layers) update(hash, std::span(layer.weights));
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

ordered_json code_stage(const ExpandedGenerator& generator, const LoadedCodes& codes) {
  std::vector<std::int32_t> alpha(generator.code_dim());
  codes.alpha(0, alpha);
  std::vector<std::int32_t> g(generator.chunk_dim());
  generate(generator, alpha, 0, g);
  return {{"code", 0},
          {"alpha", hex_of(alpha)},
          {"beta", hex_of(std::vector<float>{codes.beta(0)})},
          {"layers", layer_stages(generator, alpha)},
          {"g", hex_of(g)}};
}

Result<ordered_json> tensor_stage(Reader& reader, const Tensor& tensor,
                                  const std::vector<ExpandedGenerator>& generators,
                                  const std::vector<LoadedCodes>& all_codes) {
  const auto* generated = std::get_if<Generated>(&tensor.source);
  if (generated == nullptr) return ordered_json::object();
  const Codes& codes = reader.manifest().codes[generated->codes];
  Result<std::vector<std::byte>> stored = std::vector<std::byte>();
  if (const auto* kept = std::get_if<StoredTheta0>(&generated->theta0)) stored = reader.read_segment(kept->segment);
  if (!stored.ok()) return stored.status();

  Sha256 theta0;
  Sha256 sum;
  std::vector<float> w;
  const std::uint64_t elements = tensor.elements();
  for (std::uint64_t first = 0; first < elements; first += kPieceElements) {
    w.resize(static_cast<std::size_t>(std::min(kPieceElements, elements - first)));
    fill_theta0(generated->theta0, *stored, first, w);
    update(theta0, std::span<const float>(w));
    add_chunks(generators[codes.generator], all_codes[generated->codes], codes.codes_per_chunk,
               generated->first_element + first, w);
    update(sum, std::span<const float>(w));
  }
  return ordered_json{{"theta0", to_hex(theta0.finish())}, {"sum", to_hex(sum.finish())}};
}

}  // namespace

Result<ordered_json> record_stages(Reader& reader) {
  const FpEnvironment environment;
  const Manifest& manifest = reader.manifest();
  ordered_json stages = {
      {"generators", ordered_json::array()}, {"codes", ordered_json::array()}, {"tensors", ordered_json::array()}};

  std::vector<ExpandedGenerator> generators;
  for (const Generator& generator : manifest.generators) {
    Result<ExpandedGenerator> loaded = load(reader, generator);
    if (!loaded.ok()) return loaded.status();
    generators.push_back(*std::move(loaded));
    stages["generators"].push_back(generator_stage(generators.back()));
  }
  std::vector<LoadedCodes> codes;
  for (const Codes& each : manifest.codes) {
    const ExpandedGenerator& generator = generators[each.generator];
    Result<LoadedCodes> loaded = load(reader, each, generator.code_dim());
    if (!loaded.ok()) return loaded.status();
    codes.push_back(*std::move(loaded));
    stages["codes"].push_back(code_stage(generator, codes.back()));
  }
  for (const Tensor& tensor : manifest.tensors) {
    Result<ordered_json> stage = tensor_stage(reader, tensor, generators, codes);
    if (!stage.ok()) return stage.status();
    stages["tensors"].push_back(*std::move(stage));
  }
  return stages;
}

}  // namespace mcnc::tools
