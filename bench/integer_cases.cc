// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cases.h"
#include "model/generator.h"

namespace mcnc {
namespace {

constexpr std::uint32_t kPhases = 1U << 18;  // a multiple of 2^16
constexpr std::uint32_t kSmall = 1U << 12;   // none: the frequency of layers after the first
constexpr std::size_t kPastLine = 16;        // where most allocators' large blocks start
const Accumulate kFromZero = [] {
  static const std::array<float, kRows> beta{};
  return Accumulate{beta.data(), true, 0};
}();

struct OneLayer {
  OneLayer(const Kernels& kernels, LayerShape shape, Activation activation, std::uint32_t frequency)
      : weights(std::size_t{shape.n_in} * shape.width, 77),
        packed(kernels, ExpandedGenerator{{{shape.n_in, shape.width, activation, frequency, weights}}}, false) {
    x.resize(kRows, packed.code_stride());
  }

  const IntegerLayer& layer() const { return packed.layers.front(); }

  std::vector<std::int8_t> weights;
  PackedInteger packed;
  RowBuffer<std::byte> x;
};

void add_pack(const Kernels& kernels, LayerShape shape) {
  const auto data = std::make_shared<OneLayer>(kernels, shape, Activation::kSine, kSmall);
  const auto packed = std::make_shared<AlignedVector<std::byte>>(kernels.integer_packed_size(data->layer()));
  add_case("pack_integer/" + shape.name() + "/" + std::string(kernels.name), "weights",
           static_cast<double>(data->weights.size()),
           [=, &kernels] { kernels.pack_integer(data->layer(), data->weights.data(), packed->data()); });
}

void add_hidden(const Kernels& kernels, LayerShape shape, std::uint32_t frequency) {
  const auto data = std::make_shared<OneLayer>(kernels, shape, Activation::kSine, frequency);
  const auto h = std::make_shared<RowBuffer<std::byte>>();
  h->resize(kRows, whole_blocks(shape.width) * kernels.activation_size);
  add_case("integer_hidden/" + shape.name() + "/" + std::string(kernels.name), "multiply_adds", shape.multiply_adds(),
           [=, &kernels] { kernels.integer_hidden(data->layer(), std::as_const(data->x).rows(), h->rows()); });
}

void add_expand(const Kernels& kernels, LayerShape shape, Activation activation) {
  const bool sine = activation == Activation::kSine;
  const auto data = std::make_shared<OneLayer>(kernels, shape, activation, sine ? kPhases : 0);
  const std::size_t stride = whole_blocks(shape.width);
  const auto w = std::make_shared<AlignedVector<float>>(kRows * stride);
  add_case(
      std::string("integer_expand") + (sine ? "_sine/" : "_identity/") + shape.name() + "/" + std::string(kernels.name),
      "multiply_adds", shape.multiply_adds(), [=, &kernels] {
        kernels.integer_expand(data->layer(), std::as_const(data->x).rows(), 0, shape.width, kFromZero, w->data(),
                               stride);
      });
}

std::string_view name_of(FloatType type) {
  return type == FloatType::kF32 ? "f32" : type == FloatType::kF16 ? "f16" : "bf16";
}

void add_expand_streaming(const Kernels& kernels, LayerShape shape, FloatType type) {
  const auto data = std::make_shared<OneLayer>(kernels, shape, Activation::kSine, kPhases);
  if (!kernels.streams_elements(data->layer(), type)) return;
  const std::size_t row_bytes = shape.width * (type == FloatType::kF32 ? 4 : 2);
  const auto elements = std::make_shared<AlignedVector<std::byte>>(kRows * row_bytes + kPastLine);
  const auto w = std::make_shared<AlignedVector<float>>(kRows * shape.width);
  Accumulate how = kFromZero;
  how.elements = elements->data() + kPastLine;
  how.elements_stride = row_bytes;
  how.type = type;
  add_case(
      "integer_expand_streaming/" + std::string(name_of(type)) + "/" + shape.name() + "/" + std::string(kernels.name),
      "multiply_adds", shape.multiply_adds(), [=, &kernels, keep = elements] {
        kernels.integer_expand(data->layer(), std::as_const(data->x).rows(), 0, shape.width, how, w->data(),
                               shape.width);
      });
}

}  // namespace

void add_integer_cases(const Kernels& kernels) {
  add_pack(kernels, {256, 1024});
  add_hidden(kernels, {9, 256}, kPhases);
  add_hidden(kernels, {256, 256}, kSmall);
  add_expand(kernels, {9, 1024}, Activation::kSine);
  add_expand(kernels, {9, 4096}, Activation::kSine);
  for (const FloatType type : {FloatType::kF32, FloatType::kF16, FloatType::kBf16}) {
    add_expand_streaming(kernels, {9, 1024}, type);
  }
  add_expand(kernels, {256, 1024}, Activation::kIdentity);
}

}  // namespace mcnc
