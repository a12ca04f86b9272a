// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <string>

#include "cases.h"

namespace mcnc {
namespace {

void add_layer(const Kernels& kernels, LayerShape shape, bool sine) {
  FloatLayer layer{.n_in = shape.n_in,
                   .width = shape.width,
                   .activation = sine ? Activation::kSine : Activation::kIdentity,
                   .turns = sine ? 0.16F : 0};
  const AlignedVector<float> weights = random_numbers(std::size_t{shape.n_in} * shape.width);
  const auto packed = std::make_shared<AlignedVector<float>>(kernels.float_packed_size(layer));
  kernels.pack_float(layer, weights.data(), nullptr, packed->data());
  layer.packed = packed->data();

  const std::size_t x_stride = whole_blocks(shape.n_in);
  const std::size_t y_stride = whole_blocks(shape.width);
  const auto x = std::make_shared<AlignedVector<float>>(random_numbers(kRows * x_stride));
  const auto y = std::make_shared<AlignedVector<float>>(kRows * y_stride);
  add_case(
      std::string("float_layer") + (sine ? "_sine/" : "_identity/") + shape.name() + "/" + std::string(kernels.name),
      "multiply_adds", shape.multiply_adds(), [=, &kernels] {
        static_cast<void>(packed);  // layer points into it
        kernels.float_layer(layer, {x->data(), x_stride, kRows}, 0, shape.width, y->data(), y_stride);
      });
}

void add_pack(const Kernels& kernels, LayerShape shape) {
  const FloatLayer layer{.n_in = shape.n_in, .width = shape.width};
  const auto weights = std::make_shared<AlignedVector<float>>(random_numbers(std::size_t{shape.n_in} * shape.width));
  const auto packed = std::make_shared<AlignedVector<float>>(kernels.float_packed_size(layer));
  add_case("pack_float/" + shape.name() + "/" + std::string(kernels.name), "weights",
           static_cast<double>(weights->size()),
           [=, &kernels] { kernels.pack_float(layer, weights->data(), nullptr, packed->data()); });
}

void add_add_scaled(const Kernels& kernels, std::size_t n) {
  const auto g = std::make_shared<AlignedVector<float>>(random_numbers(kRows * n));
  const auto w = std::make_shared<AlignedVector<float>>(kRows * n);
  const auto beta = std::make_shared<AlignedVector<float>>(random_numbers(kRows));
  add_case("add_scaled/" + std::to_string(n) + "/" + std::string(kernels.name), "weights",
           static_cast<double>(kRows * n), [=, &kernels] {
             kernels.add_scaled({g->data(), n, kRows}, n, {beta->data(), true, 0}, w->data(), n);
           });
}

}  // namespace

void add_float_cases(const Kernels& kernels) {
  add_pack(kernels, {1000, 1000});
  for (const LayerShape shape : kPaperLayers) {
    add_layer(kernels, shape, false);
    add_layer(kernels, shape, true);
  }
  add_add_scaled(kernels, 1024);
}

}  // namespace mcnc
