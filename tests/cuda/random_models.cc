// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/random_models.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "mcnc/convert.h"

namespace mcnc::testing {
namespace {

// kSine: see random_sine_model; kDeep: see random_deep_model.
enum class Kind { kAny, kSine, kDeep };

class Maker {
 public:
  Maker(std::uint32_t seed, Kind kind) : random_(seed), is_sine_(kind == Kind::kSine), is_deep_(kind == Kind::kDeep) {}

  Model make() {
    add_generator();
    add_codes();
    add_tensors();
    if (chance(2)) add_product();
    return std::move(model_);
  }

 private:
  std::uint64_t below(std::uint64_t end) { return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(random_); }
  std::uint32_t index32(std::uint32_t end) { return static_cast<std::uint32_t>(below(end)); }
  std::size_t index(std::size_t end) { return static_cast<std::size_t>(below(end)); }
  // 1 to `most`, small numbers more often.
  std::uint32_t size(std::uint32_t most) { return static_cast<std::uint32_t>(1 + below(1 + below(most))); }
  bool chance(std::uint64_t of) { return below(of) == 0; }
  // Where tiles of matrices are full, have a column too many or lack one.
  std::uint32_t around_tiles() {
    constexpr std::array<std::uint32_t, 16> kWidths = {1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 63, 64, 65, 128, 129};
    return kWidths[index(kWidths.size())];
  }
  float number(float most) { return std::uniform_real_distribution<float>(-most, most)(random_); }
  DType float_type() { return std::array{DType::kF32, DType::kF16, DType::kBf16}[index(3)]; }

  std::uint32_t add_segment(std::vector<std::byte> bytes) {
    model_.segments.emplace_back(std::move(bytes));
    return static_cast<std::uint32_t>(model_.segments.size() - 1);
  }
  // The extremes are as likely as all the rest: that is where a saturating or narrow sum shows.
  std::uint32_t add_bytes(std::uint64_t count) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(count));
    for (std::byte& byte : bytes) {
      byte = std::array{std::byte{0x80}, std::byte{0x7F}, std::byte(below(256)), std::byte(below(256))}[index(4)];
    }
    return add_segment(std::move(bytes));
  }
  std::uint32_t add_floats(std::uint64_t count, float most, DType dtype) {
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = chance(8) ? (chance(2) ? 0.0F : -0.0F) : number(most);
    std::vector<std::byte> bytes(values.size() * size_of(dtype));
    narrow(values, dtype, bytes);
    return add_segment(std::move(bytes));
  }

  void add_generator() {
    Generator g;
    g.arithmetic = is_sine_ || is_deep_ || chance(2) ? Arithmetic::kInteger : Arithmetic::kFloat32;
    g.code_dim = is_sine_ ? 1 + index32(16) : is_deep_ ? 1 + index32(70) : chance(3) ? size(70) : size(18);
    g.seed = random_();
    const std::size_t layers = is_deep_ ? 2 + index(3) : is_sine_ || chance(2) ? 1 : 1 + index(3);
    for (std::size_t l = 0; l < layers; ++l) {
      g.layers.push_back({});
      Layer& layer = g.layers.back();
      layer.width = is_deep_ ? around_tiles() : !is_sine_ && chance(3) ? size(300) : 4 * size(20);
      layer.activation = !is_sine_ && l + 1 == layers && chance(3) ? Activation::kIdentity : Activation::kSine;
      const bool sine = layer.activation == Activation::kSine;
      const std::uint64_t weights = std::uint64_t{g.n_in(l)} * layer.width;
      if (g.arithmetic == Arithmetic::kInteger) {
        if (sine) layer.frequency = 1 + static_cast<std::uint32_t>(chance(2) ? below(1U << 20) : random_() >> 1);
        if (chance(4)) layer.weights_segment = add_bytes(weights);
        continue;
      }
      if (sine) layer.turns = chance(4) ? -0.25F : 0.125F * static_cast<float>(size(20));
      if (chance(3)) layer.bias_segment = add_floats(layer.width, 2, DType::kF32);
      if (chance(3)) {
        layer.weights_type = float_type();
        layer.weights_segment = add_floats(weights, 1, layer.weights_type);
      } else {
        layer.weights_scale = chance(2) ? 0.5F : 0.3F;
      }
    }
    g.unit_norm = g.arithmetic == Arithmetic::kFloat32 && chance(3);
    model_.manifest.generators.push_back(std::move(g));
  }

  void add_codes() {
    const Generator& g = model_.manifest.generators.front();
    const bool integer = g.arithmetic == Arithmetic::kInteger;
    Codes codes;
    codes.chunks = is_sine_ || is_deep_ ? 1 + index32(40) : size(20);
    codes.codes_per_chunk = is_sine_ || chance(2) ? 1 : size(5);
    const std::uint64_t count = codes.chunks * codes.codes_per_chunk;
    codes.alpha_type =
        is_sine_ || (is_deep_ && !chance(4)) ? AlphaType::kInt8 : static_cast<AlphaType>(below(integer ? 2 : 5));
    const std::uint64_t numbers = count * g.code_dim;
    if (codes.alpha_type == AlphaType::kInt8 || codes.alpha_type == AlphaType::kInt16) {
      codes.alpha_segment = add_bytes(numbers * size_of(codes.alpha_type));
    } else {
      codes.alpha_segment = add_floats(numbers, 10, dtype_of(codes.alpha_type));
    }
    if (!integer) codes.alpha_scale = chance(2) ? 1.0F : 0.1F;
    codes.beta_exponent = static_cast<std::int8_t>(chance(4) ? -40 : -15);
    if (chance(3)) {
      codes.beta = number(2);
    } else {
      codes.beta_type = static_cast<BetaType>(below(3));
      codes.beta_segment = add_floats(count, 2, dtype_of(codes.beta_type));
    }
    model_.manifest.codes.push_back(codes);
  }

  Theta0 theta0(std::uint64_t elements) {
    if (is_sine_) return Constant{number(1)};
    switch (below(4)) {
      case 0:
        return {};
      case 1:
        return Constant{number(1)};
      case 2:
        return Uniform{random_(), static_cast<std::uint32_t>(model_.manifest.tensors.size()), 0x1p-16F};
      default: {
        const DType dtype = float_type();
        return StoredTheta0{add_floats(elements, 1, dtype), dtype};
      }
    }
  }

  // They tile the weights of the codes: rule codes.coverage.
  void add_tensors() {
    const std::uint64_t d = model_.manifest.generators.front().chunk_dim();
    const std::uint64_t end = model_.manifest.codes.front().chunks * d;
    for (std::uint64_t at = 0; at < end;) {
      const std::uint64_t left = end - at;
      std::uint64_t slices = at % d == 0 && chance(3) ? size(6) : 1;
      std::uint64_t elements = 1 + below(std::max<std::uint64_t>(left / slices, 1));
      if (is_sine_ && elements >= 4 && !chance(8)) elements -= elements % 4;
      if ((slices - 1) * ((elements + d - 1) / d * d) + elements > left) slices = 1;
      // What is left when less than a chunk remains belongs to this tensor.
      if (slices == 1 && (left - elements < d || chance(4))) elements = left;
      Tensor tensor;
      tensor.name = "w";
      tensor.name += std::to_string(model_.manifest.tensors.size());
      tensor.dtype = float_type();
      tensor.shape = {slices, elements};
      tensor.source = Generated{0, at, theta0(slices * elements), static_cast<std::uint32_t>(slices)};
      model_.manifest.tensors.push_back(std::move(tensor));
      at += (slices - 1) * ((elements + d - 1) / d * d) + elements;
      if (at < end && chance(2)) at = (at + d - 1) / d * d;
    }
  }

  void add_product() {
    std::vector<Tensor>& tensors = model_.manifest.tensors;
    const auto first = static_cast<std::uint32_t>(tensors.size());
    const std::uint64_t rows = size(40), rank = size(9), columns = size(60);
    for (const auto& [name, from, to] : {std::tuple{"b", rows, rank}, std::tuple{"a", rank, columns}}) {
      Tensor factor;
      factor.name = name;
      factor.dtype = float_type();
      factor.shape = {from, to};
      factor.source = Stored{add_floats(from * to, 3, factor.dtype)};
      factor.factor = chance(2);
      tensors.push_back(std::move(factor));
    }
    Tensor product;
    product.name = "product";
    product.dtype = float_type();
    product.shape = {rows, columns};
    product.source = Product{first, first + 1, number(2), theta0(rows * columns)};
    tensors.push_back(std::move(product));
  }

  std::mt19937 random_;
  bool is_sine_, is_deep_;
  Model model_;
};

}  // namespace

Model random_model(std::uint32_t seed) { return Maker(seed, Kind::kAny).make(); }
Model random_sine_model(std::uint32_t seed) { return Maker(seed, Kind::kSine).make(); }
Model random_deep_model(std::uint32_t seed) { return Maker(seed, Kind::kDeep).make(); }

}  // namespace mcnc::testing
