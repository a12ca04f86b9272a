// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/scalar_draw.h"

#include "arithmetic/philox.h"

namespace mcnc::scalar {
namespace {

// One sequence whose blocks are computed once where elements are asked for in order.
class OrderedStream {
 public:
  OrderedStream(std::uint64_t seed, Domain domain, std::uint32_t stream) noexcept : random_(seed, domain, stream) {}

  // Bits [0, 32 / per_word) and more of element `index`, per_word of which share a word.
  std::uint32_t word(std::uint64_t index, unsigned per_word) noexcept {
    const std::uint64_t word = index / per_word;
    if (word / 4 != index_ || !filled_) {
      index_ = word / 4;
      block_ = random_.block(index_);
      filled_ = true;
    }
    return block_[word % 4] >> (32 / per_word * (index % per_word));
  }

 private:
  RandomStream random_;
  PhiloxBlock block_{};
  std::uint64_t index_ = 0;
  bool filled_ = false;
};

}  // namespace

void draw_int8(std::uint64_t seed, std::uint32_t stream, std::size_t n, std::int8_t* out) {
  OrderedStream random(seed, Domain::kGeneratorWeights, stream);
  for (std::size_t e = 0; e < n; ++e) {
    out[e] = static_cast<std::int8_t>(static_cast<std::uint8_t>(random.word(e, 4)) | 1U);
  }
}

void draw_uniform(const DrawnWeights& weights, std::uint64_t first, std::size_t n, float* out) {
  OrderedStream random(weights.seed, Domain::kGeneratorWeights, weights.stream);
  for (std::size_t e = 0; e < n; ++e) {
    const auto word = static_cast<std::int32_t>(random.word(first + e, 1));
    out[e] = weights.scale * (static_cast<float>(word >> 8) * 0x1p-23F);
  }
}

void draw_float(std::uint64_t seed, std::uint32_t stream, float scale, std::size_t n, float* out) {
  draw_uniform({seed, stream, scale}, 0, n, out);
}

void draw_theta0(std::uint64_t seed, std::uint32_t stream, float scale, std::uint64_t first, std::size_t n,
                 float* out) {
  OrderedStream random(seed, Domain::kTheta0, stream);
  for (std::size_t e = 0; e < n; ++e) {
    out[e] = scale * static_cast<float>(static_cast<std::int16_t>(random.word(first + e, 2)));
  }
}

}  // namespace mcnc::scalar
