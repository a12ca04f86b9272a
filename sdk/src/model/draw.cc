// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/draw.h"

#include <cstring>
#include <string>
#include <vector>

#include "arithmetic/philox.h"
#include "kernels/kernels.h"
#include "mcnc/boundary.h"
#include "mcnc/fp_environment.h"

namespace mcnc {
namespace {

constexpr std::uint64_t kMaxWidth = std::uint64_t{1} << 28;  // rule generator.width
constexpr std::uint64_t kElements = std::uint64_t{1} << 48;  // of one stream

Status argument(std::string message) { return {ErrorCode::kArgument, "", std::move(message)}; }

bool is_width(std::uint64_t width) { return width >= 1 && width <= kMaxWidth; }

}  // namespace

Status draw_weights(const Generator& generator, std::size_t layer, std::span<std::byte> out) noexcept {
  return boundary([&]() -> Status {
    if (layer >= generator.layers.size()) return argument("the generator has no layer " + std::to_string(layer));
    const Layer& drawn = generator.layers[layer];
    if (drawn.weights_segment) return argument("the weights of the layer are stored, not drawn");
    if (!is_width(generator.n_in(layer)) || !is_width(drawn.width)) {
      return argument("the sizes of a layer must be 1 to 2^28");
    }
    const bool integer = generator.arithmetic == Arithmetic::kInteger;
    const std::uint64_t count = std::uint64_t{generator.n_in(layer)} * drawn.width;
    if (out.size() != count * (integer ? sizeof(std::int8_t) : sizeof(float))) {
      return argument("the weights of the layer need " + std::to_string(count) + " elements");
    }
    const auto stream = static_cast<std::uint32_t>(layer);
    const FpEnvironment environment;
    if (integer) {
      default_kernels().draw_int8(generator.seed, stream, out.size(), reinterpret_cast<std::int8_t*>(out.data()));
      return {};
    }
    // Through floats that are aligned, which `out` need not be.
    std::vector<float> weights(static_cast<std::size_t>(count));
    default_kernels().draw_float(generator.seed, stream, drawn.weights_scale, weights.size(), weights.data());
    std::memcpy(out.data(), weights.data(), out.size());
    return {};
  });
}

Status draw_words(std::uint64_t seed, std::uint32_t stream, std::uint64_t first,
                  std::span<std::uint32_t> out) noexcept {
  if (first > kElements || out.size() > kElements - first) return argument("words must be below 2^48");
  const RandomStream words(seed, Domain::kEncoder, stream);
  for (std::uint64_t i = first; std::uint32_t & word : out) {
    word = words.block(i / 4)[i % 4];
    ++i;
  }
  return {};
}

Status draw_theta0(const Uniform& uniform, std::uint64_t first, std::span<float> out) noexcept {
  return boundary([&]() -> Status {
    if (first > kElements || out.size() > kElements - first) return argument("elements must be below 2^48");
    const FpEnvironment environment;
    default_kernels().draw_theta0(uniform.seed, uniform.stream, uniform.scale, first, out.size(), out.data());
    return {};
  });
}

}  // namespace mcnc
