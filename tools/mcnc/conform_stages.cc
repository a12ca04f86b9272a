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
#include "arithmetic/unit_norm.h"
#include "decoder/tensor_decoder.h"
#include "kernels/scalar.h"
#include "kernels/scalar_integer.h"
#include "manifest/references.h"
#include "mcnc/checked_math.h"
#include "mcnc/fp_environment.h"
#include "mcnc/little_endian.h"
#include "mcnc/thread_pool.h"
#include "model/parts.h"
#include "tensors/theta0.h"
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

// Stages observe the scalar kernels, which are the definition of the arithmetic.

// The weights of a layer as they were packed: (n_in, width), input-major.
std::vector<std::int8_t> weights_of(const IntegerLayer& layer) {
  std::vector<std::int8_t> weights;
  for (std::size_t i = 0; i < layer.n_in; ++i) {
    for (std::size_t j = 0; j < layer.width; ++j) {
      weights.push_back(static_cast<std::int8_t>(layer.packed[(j / kBlock * layer.n_in + i) * kBlock + j % kBlock]));
    }
  }
  return weights;
}

// The same, and the bias after them.
std::vector<float> weights_of(const FloatLayer& layer) {
  const std::size_t packed = kScalarKernels.float_packed_size(layer);
  if (!layer.is_drawn) return {layer.packed, layer.packed + packed};
  std::vector<float> weights(layer.n_in * layer.width);
  kScalarKernels.draw_float(layer.drawn.seed, layer.drawn.stream, layer.drawn.scale, weights.size(), weights.data());
  weights.insert(weights.end(), layer.packed, layer.packed + packed);
  return weights;
}

ordered_json generator_stage(const PackedGenerator& generator) {
  Sha256 hash;
  std::visit(
      [&](const auto& any) {
        for (const auto& layer : any.layers) {
          const auto weights = weights_of(layer);
          update(hash, std::span(weights));
        }
      },
      generator);
  return {{"weights", to_hex(hash.finish())}};
}

// alpha, what each layer makes of it, and g.
ordered_json code_stage(const PackedInteger& phi, const LoadedCodes& codes) {
  std::vector<std::int32_t> alpha(phi.layers.front().n_in);
  codes.alpha(0, std::span(alpha));
  RowBuffer<std::byte> x;
  x.resize(1, phi.code_stride());
  phi.set_code(alpha, x.row(0));
  ordered_json stages = ordered_json::array();
  std::vector<std::int32_t> g;
  for (const IntegerLayer& layer : phi.layers) {
    std::vector<std::uint32_t> acc;
    for (std::size_t block = 0; block * kBlock < layer.width; ++block) {
      const scalar::BlockSums sums = scalar::integer_sums(layer, block, x.row(0));
      acc.insert(acc.end(), sums.begin(), sums.end());
    }
    acc.resize(layer.width);
    ordered_json stage = {{"accumulator", hex_of(acc)}};
    switch (layer.activation) {
      case Activation::kSine: {
        std::vector<std::uint16_t> phase(acc.size());
        std::ranges::transform(acc, phase.begin(), [&](std::uint32_t a) { return phase_of(layer.frequency, a); });
        stage["phase"] = hex_of(phase);
        std::vector<std::int16_t> s(acc.size());
        std::ranges::transform(phase, s.begin(), sine);
        stage["sine"] = hex_of(s);
        g.assign(s.begin(), s.end());
        break;
      }
      case Activation::kIdentity:
        g.assign(acc.begin(), acc.end());
        break;
    }
    if (&layer != &phi.layers.back()) {
      RowBuffer<std::byte> h;
      h.resize(1, whole_blocks(layer.width));
      kScalarKernels.integer_hidden(layer, std::as_const(x).rows(), h.rows());
      std::vector<std::int8_t> activation(layer.width);
      std::ranges::transform(std::span(h.row(0), layer.width), activation.begin(),
                             [](std::byte b) { return static_cast<std::int8_t>(b); });
      stage["activation"] = hex_of(activation);
      x = std::move(h);
    }
    stages.push_back(std::move(stage));
  }
  return {{"alpha", hex_of(alpha)}, {"layers", std::move(stages)}, {"g", hex_of(g)}};
}

ordered_json code_stage(const PackedFloat& phi, const LoadedCodes& codes) {
  std::vector<float> alpha(phi.layers.front().n_in);
  codes.alpha(0, std::span(alpha));
  ordered_json stages = ordered_json::array();
  std::vector<float> x = alpha;
  for (const FloatLayer& layer : phi.layers) {
    const std::size_t stride = whole_blocks(layer.width);
    std::vector<float> y(stride);
    const Rows<const float> inputs{x.data(), x.size(), 1};
    FloatLayer sums = layer;
    sums.activation = Activation::kIdentity;
    kScalarKernels.float_layer(sums, inputs, 0, layer.width, y.data(), stride);
    y.resize(layer.width);
    ordered_json stage = {{"accumulator", hex_of(y)}};
    switch (layer.activation) {
      case Activation::kSine:
        for (float& value : y) value = layer.turns * value;
        stage["turns"] = hex_of(y);
        std::ranges::transform(y, y.begin(), [](float r) { return turn_sine(r); });
        stage["sine"] = hex_of(y);
        break;
      case Activation::kIdentity:
        break;
    }
    x = std::move(y);
    stages.push_back(std::move(stage));
  }
  if (phi.unit_norm) normalize(x);
  return {{"alpha", hex_of(alpha)}, {"layers", std::move(stages)}, {"g", hex_of(x)}};
}

ordered_json code_stage(const PackedGenerator& generator, const LoadedCodes& codes) {
  ordered_json stage = std::visit([&](const auto& any) { return code_stage(any, codes); }, generator);
  return {{"code", 0},
          {"alpha", stage["alpha"]},
          {"beta", hex_of(std::vector<float>{codes.beta(0)})},
          {"layers", stage["layers"]},
          {"g", stage["g"]}};
}

// Digests of theta0 and of the sum.
Result<ordered_json> tensor_stage(Parts& parts, std::size_t index) {
  const Tensor& tensor = parts.reader().manifest().tensors[index];
  const Theta0* theta0 = theta0_of(tensor);
  if (theta0 == nullptr) return ordered_json::object();
  const Result<TensorDecoder> decoder = TensorDecoder::load(parts, index);
  if (!decoder.ok()) return decoder.status();
  const Result<std::vector<std::byte>> kept = parts.theta0(tensor);
  if (!kept.ok()) return kept.status();
  Sha256 start;
  Sha256 sum;
  std::vector<float> w;
  std::vector<std::byte> sums;
  for (std::uint64_t first = 0, n = 0; first < tensor.elements(); first += n) {
    n = std::min(kPieceElements, tensor.elements() - first);
    w.resize(static_cast<std::size_t>(n));
    fill_theta0(kScalarKernels, *theta0, *kept, first, w);
    update(start, std::span<const float>(w));
    sums.resize(w.size() * sizeof(float));
    decoder->decode_sums(first, n, sums);
    sum.update(sums);
  }
  return ordered_json{{"theta0", to_hex(start.finish())}, {"sum", to_hex(sum.finish())}};
}

}  // namespace

Result<ordered_json> record_stages(Reader& reader, std::span<BaseModel* const> bases) {
  const FpEnvironment environment;
  const Manifest& manifest = reader.manifest();
  ordered_json stages = {
      {"generators", ordered_json::array()}, {"codes", ordered_json::array()}, {"tensors", ordered_json::array()}};

  ThreadPool this_thread(1);
  Parts parts(reader, kScalarKernels, this_thread, Fingerprints::kMake);  // kMake: none is compared
  for (std::size_t i = 0; i < bases.size(); ++i) parts.set_base(i, bases[i]);
  Status status;
  for (std::size_t i = 0; i < manifest.generators.size(); ++i) {
    const PackedGenerator* generator = parts.generator(i, status);
    if (generator == nullptr) return status;
    stages["generators"].push_back(generator_stage(*generator));
  }
  for (std::size_t i = 0; i < manifest.codes.size(); ++i) {
    const LoadedCodes* codes = parts.codes(i, status);
    if (codes == nullptr) return status;
    stages["codes"].push_back(code_stage(*parts.generator(manifest.codes[i].generator, status), *codes));
  }
  for (std::size_t i = 0; i < manifest.tensors.size(); ++i) {
    Result<ordered_json> stage = tensor_stage(parts, i);
    if (!stage.ok()) return stage.status();
    stages["tensors"].push_back(*std::move(stage));
  }
  return stages;
}

}  // namespace mcnc::tools
