// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// One test body for all targets: each must give what support/reference.h gives.

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "arithmetic/sine.h"
#include "kernels/guarded.h"
#include "kernels/kernels.h"
#include "mcnc/convert.h"
#include "model/generator.h"
#include "support/reference.h"
#include "util/aligned_vector.h"

namespace mcnc {
namespace {

constexpr float kUntouched = 12345.0F;

struct Shape {
  std::uint32_t n_in;
  std::uint32_t width;
};

class IntegerKernels : public testing::TestWithParam<const Kernels*> {
 protected:
  // The extremes are as likely as all the rest: that is where a saturating or narrow sum shows.
  std::int32_t draw(std::int32_t low, std::int32_t high) {
    const auto pick = random_() % 4;
    if (pick == 0) return low;
    if (pick == 1) return high;
    return std::uniform_int_distribution<std::int32_t>(low, high)(random_);
  }

  ExpandedLayer draw_layer(Shape shape, Activation activation, std::uint32_t frequency) {
    ExpandedLayer layer{shape.n_in, shape.width, activation, frequency, {}};
    layer.weights.resize(std::size_t{shape.n_in} * shape.width);
    for (std::int8_t& weight : layer.weights) weight = static_cast<std::int8_t>(draw(-128, 127));
    return layer;
  }

  std::vector<std::vector<std::int32_t>> draw_codes(std::size_t rows, std::uint32_t n_in, bool wide) {
    std::vector<std::vector<std::int32_t>> codes(rows, std::vector<std::int32_t>(n_in));
    for (auto& code : codes) {
      for (std::int32_t& alpha : code) alpha = wide ? draw(-32768, 32767) : draw(-128, 127);
    }
    return codes;
  }

  static RowBuffer<std::byte> rows_of(const PackedInteger& packed,
                                      const std::vector<std::vector<std::int32_t>>& codes) {
    RowBuffer<std::byte> x;
    x.resize(codes.size(), packed.code_stride());
    for (std::size_t r = 0; r < codes.size(); ++r) packed.set_code(codes[r], x.row(r));
    return x;
  }

  // Outputs [first, first + n) of a generator of these layers, for some rows of codes, against the reference.
  void expect_expands(const ExpandedGenerator& generator, bool wide, std::size_t rows, std::size_t first,
                      std::size_t n) {
    const PackedInteger packed(*GetParam(), generator, wide);
    const auto codes = draw_codes(rows, generator.code_dim(), wide);
    RowBuffer<std::byte> x = rows_of(packed, codes);
    std::array<RowBuffer<std::byte>, 2> hidden;
    const Rows<const std::byte> inputs = packed.run_hidden(x, hidden).rows();

    const std::size_t stride = whole_blocks(n) + kBlock;
    std::vector<float> beta(rows);
    for (float& b : beta) b = static_cast<float>(draw(-1000, 1000)) * 0x1p-20F;
    for (const bool from_constant : {true, false}) {
      AlignedVector<float> w(rows * stride, kUntouched);
      for (std::size_t r = 0; r < rows && !from_constant; ++r) {
        for (std::size_t j = 0; j < n; ++j) w[r * stride + j] = static_cast<float>(draw(-1000, 1000));
      }
      const AlignedVector<float> before = w;
      GetParam()->integer_expand(packed.layers.back(), inputs, first, n, {beta.data(), from_constant, -0.25F}, w.data(),
                                 stride);
      std::vector<std::int32_t> g(n);
      for (std::size_t r = 0; r < rows; ++r) {
        generate(generator, codes[r], first, g);
        std::vector<float> expected(n, -0.25F);
        if (!from_constant) std::copy_n(before.begin() + static_cast<std::ptrdiff_t>(r * stride), n, expected.begin());
        add_scaled(beta[r], g, expected);
        ASSERT_EQ(std::memcmp(&w[r * stride], expected.data(), n * sizeof(float)), 0)
            << "row " << r << " of " << rows << ", " << generator.code_dim() << " to " << generator.chunk_dim()
            << ", outputs from " << first << ", " << n << " of them";
        for (std::size_t j = whole_blocks(n); j < stride; ++j) ASSERT_EQ(w[r * stride + j], kUntouched);
      }
    }
  }

  // The same as elements past the caches, `offset` bytes past a line and with `gap` bytes between rows.
  void expect_elements(const ExpandedLayer& layer, FloatType type, std::size_t rows, std::size_t offset,
                       std::size_t gap, const Accumulate& start, float beta_scale) {
    const PackedInteger packed(*GetParam(), {{layer}}, false);
    if (!GetParam()->streams_elements(packed.layers.front(), type)) return;
    const auto codes = draw_codes(rows, layer.n_in, false);
    const RowBuffer<std::byte> x = rows_of(packed, codes);
    std::vector<float> beta(rows);
    for (float& b : beta) b = static_cast<float>(draw(-1000, 1000)) * beta_scale;
    AlignedVector<float> w((start.from_constant ? 1 : rows) * layer.width);
    for (float& value : w) value = static_cast<float>(draw(-1000, 1000)) * beta_scale;

    const DType dtype = type == FloatType::kF32 ? DType::kF32 : type == FloatType::kF16 ? DType::kF16 : DType::kBf16;
    const std::size_t row_bytes = layer.width * size_of(dtype);
    std::vector<std::byte> expected(rows * (row_bytes + gap) - gap, std::byte{0xA5});
    Guarded<std::byte> out(expected.size(), offset);
    std::ranges::copy(expected, out.data());
    std::vector<std::int32_t> g(layer.width);
    for (std::size_t r = 0; r < rows; ++r) {
      generate({{layer}}, codes[r], 0, g);
      std::vector<float> sums(layer.width, start.constant);
      if (!start.from_constant) std::copy_n(&w[r * layer.width], layer.width, sums.begin());
      add_scaled(beta[r], g, sums);
      narrow(sums, dtype, std::span(expected).subspan(r * (row_bytes + gap), row_bytes));
    }
    Accumulate how = start;
    how.beta = beta.data();
    how.elements = out.data();
    how.elements_stride = row_bytes + gap;
    how.type = type;
    GetParam()->integer_expand(packed.layers.front(), x.rows(), 0, layer.width, how, w.data(), layer.width);
    GetParam()->finish_streaming();
    out.expect_intact();
    out.expect_equal(expected);
  }

  // The same of the slopes of a sine layer.
  void expect_slopes(const ExpandedLayer& layer, bool wide, std::size_t rows) {
    const PackedInteger packed(*GetParam(), {{layer}}, wide);
    const auto codes = draw_codes(rows, layer.n_in, wide);
    const RowBuffer<std::byte> x = rows_of(packed, codes);

    RowBuffer<float> slopes;
    slopes.resize(rows, whole_blocks(layer.width) + kBlock);
    std::ranges::fill(slopes.data, kUntouched);
    constexpr float kScale = 0x1.234567p-9F;
    GetParam()->integer_slopes(packed.layers.front(), std::as_const(x).rows(), kScale, slopes.rows());
    std::vector<std::uint32_t> acc(layer.width);
    for (std::size_t r = 0; r < rows; ++r) {
      accumulate(layer, codes[r], 0, acc);
      for (std::size_t j = 0; j < layer.width; ++j) {
        const auto ahead = static_cast<std::uint16_t>(phase_of(layer.frequency, acc[j]) + 16384U);
        ASSERT_EQ(slopes.row(r)[j], kScale * static_cast<float>(sine(ahead)))
            << "row " << r << " of " << rows << ", " << layer.n_in << " to " << layer.width << ", output " << j;
      }
      for (std::size_t j = whole_blocks(layer.width); j < slopes.stride; ++j) ASSERT_EQ(slopes.row(r)[j], kUntouched);
    }
  }

  std::mt19937 random_{1};
};

constexpr std::uint32_t kPhases = 1U << 18;  // a multiple of 2^16
constexpr std::uint32_t kOdd = 0x9E3779B1;   // none
constexpr std::uint32_t kHighest = 0xFFFF0000;

TEST_P(IntegerKernels, OneLayer) {
  for (const std::uint32_t n_in : {1U, 2U, 3U, 4U, 5U, 9U, 16U, 17U, 33U, 65U}) {
    for (const std::uint32_t frequency : {kPhases, kOdd, kHighest}) {
      for (const bool wide : {false, true}) {
        const auto width = static_cast<std::uint32_t>(draw(1, 300));
        const ExpandedGenerator generator{{draw_layer({n_in, width}, Activation::kSine, frequency)}};
        expect_expands(generator, wide, static_cast<std::size_t>(draw(1, 9)), 0, width);
      }
    }
    const ExpandedGenerator identity{{draw_layer({n_in, 130}, Activation::kIdentity, 0)}};
    expect_expands(identity, false, 5, 0, 130);
    expect_expands(identity, true, 5, 0, 130);
  }
}

TEST_P(IntegerKernels, EveryTail) {
  const ExpandedGenerator generator{{draw_layer({9, 256}, Activation::kSine, kPhases)}};
  for (std::size_t n = 1; n <= 64; ++n) {
    expect_expands(generator, false, 2, 0, n);
    expect_expands(generator, false, 3, 128, n);
  }
  for (std::uint32_t width = 1; width < 64; ++width) {
    expect_expands({{draw_layer({9, width}, Activation::kSine, kPhases)}}, false, 4, 0, width);
  }
}

TEST_P(IntegerKernels, HiddenLayers) {
  for (const bool wide : {false, true}) {
    for (const std::size_t rows : {1U, 3U, 4U, 33U, 64U}) {
      const auto hidden = static_cast<std::uint32_t>(draw(1, 200));
      const ExpandedGenerator generator{{draw_layer({5, hidden}, Activation::kSine, kPhases),
                                         draw_layer({hidden, 70}, Activation::kSine, kOdd),
                                         draw_layer({70, 190}, Activation::kIdentity, 0)}};
      expect_expands(generator, wide, rows, 64, 126);
      ExpandedGenerator sines = generator;
      sines.layers.back().activation = Activation::kSine;
      sines.layers.back().frequency = kHighest;
      expect_expands(sines, wide, rows, 0, 190);
    }
  }
}

TEST_P(IntegerKernels, ElementsAtAnyPlace) {
  const ExpandedLayer layer = draw_layer({9, 192}, Activation::kSine, kPhases);
  for (const FloatType type : {FloatType::kF32, FloatType::kF16, FloatType::kBf16}) {
    for (std::size_t offset = 0; offset < 64; offset += 4) {
      for (const std::size_t gap : {0U, 4U, 64U}) {
        for (const Accumulate& start : {Accumulate{nullptr, true, 0}, {nullptr, true, -0.25F}, {}}) {
          expect_elements(layer, type, 3, offset, gap, start, 0x1p-20F);
        }
      }
    }
  }
  for (const std::uint32_t n_in : {1U, 4U, 13U, 64U}) {
    expect_elements(draw_layer({n_in, 64}, Activation::kSine, kHighest), FloatType::kF32, 5, 16, 0, {nullptr, true, 0},
                    0x1p-20F);
  }
}

// Subnormal weights and elements, elements that are infinite, and beta that is subnormal when it is divided.
TEST_P(IntegerKernels, SmallElements) {
  const ExpandedLayer layer = draw_layer({9, 128}, Activation::kSine, kPhases);
  for (const FloatType type : {FloatType::kF32, FloatType::kF16, FloatType::kBf16}) {
    for (const float beta_scale : {0x1p-149F, 0x1p-140F, 0x1p-120F, 0x1p-110F, 0x1p-100F, 0x1p-48F, 0x1p-8F}) {
      for (const float constant : {0.0F, -0x1.8p-141F, 0x1.5p-126F, 0x1.234p-99F}) {
        expect_elements(layer, type, 4, 16, 0, {nullptr, true, constant}, beta_scale);
      }
      expect_elements(layer, type, 4, 16, 0, {nullptr, false, 0}, beta_scale);
    }
  }
}

// All phases there are, through the packed weights of one input.
TEST_P(IntegerKernels, EveryPhase) {
  ExpandedLayer layer{1, 1, Activation::kSine, 1U << 16, {1}};
  const PackedInteger packed(*GetParam(), {{layer}}, true);
  const float beta = 1;
  AlignedVector<float> w(kBlock);
  for (std::int32_t phase = -32768; phase < 32768; ++phase) {
    const RowBuffer<std::byte> x = rows_of(packed, {{phase}});
    GetParam()->integer_expand(packed.layers.back(), x.rows(), 0, 1, {&beta, true, 0}, w.data(), kBlock);
    ASSERT_EQ(w[0], static_cast<float>(sine(static_cast<std::uint16_t>(phase)))) << phase;
  }
}

TEST_P(IntegerKernels, Slopes) {
  for (const std::uint32_t n_in : {1U, 2U, 5U, 9U, 33U, 200U}) {
    for (const std::uint32_t frequency : {kPhases, kOdd, kHighest}) {
      for (const bool wide : {false, true}) {
        const auto width = static_cast<std::uint32_t>(draw(1, 300));
        expect_slopes(draw_layer({n_in, width}, Activation::kSine, frequency), wide,
                      static_cast<std::size_t>(draw(1, 40)));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, IntegerKernels, testing::ValuesIn(supported_kernels()),
                         [](const auto& target) { return std::string(target.param->name); });

TEST(Dispatch, EndsWithScalarAndFindsByName) {
  ASSERT_FALSE(supported_kernels().empty());
  EXPECT_EQ(supported_kernels().back()->name, "scalar");
  for (const Kernels* kernels : supported_kernels()) EXPECT_EQ(find_kernels(kernels->name), kernels);
  EXPECT_EQ(find_kernels(""), supported_kernels().front());
  EXPECT_EQ(find_kernels("AVX9"), nullptr);
}

}  // namespace
}  // namespace mcnc
