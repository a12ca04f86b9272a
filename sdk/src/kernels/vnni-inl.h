// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Layers of integer arithmetic with the dot products of AVX512-VNNI, beside integer-inl.h: four int8 inputs an
// instruction and lane. It multiplies unsigned by signed bytes, so weights are kept as weight + 128, and 128 * the sum
// of the inputs is taken off. It does not saturate (vpdpbusds, which does, is not used): sums are mod 2^32.
//
// Packed weights: (blocks, n_in / 4, kBlock, 4) bytes. Layers with wide inputs are those of integer-inl.h.

// Included for one target only, so that its guard is the usual one.
#ifndef MCNC_KERNELS_VNNI_INL_H_
#define MCNC_KERNELS_VNNI_INL_H_

#include <immintrin.h>

#include <array>
#include <bit>

#include "kernels/integer-inl.h"

HWY_PUSH_ATTRIBUTES(HWY_TARGET_STR_AVX3 ",avx512vnni")
namespace mcnc {
namespace HWY_NAMESPACE {
namespace vnni {
namespace {

constexpr std::size_t kRows = 4;     // that share the loads of weights
constexpr std::size_t kVectors = 4;  // of sums in a block
constexpr std::size_t kGroup = 32;   // rows whose corrections are kept at a time

inline std::size_t Quads(const IntegerLayer& layer) { return (std::size_t{layer.n_in} + 3) / 4; }

// -128 * the sum of a row of inputs, which zeros follow.
HWY_INLINE std::int32_t Correction(const std::byte* x, std::size_t n_in) {
  __m512i sum = _mm512_setzero_si512();
  for (std::size_t i = 0; i < n_in; i += 64) {
    sum = _mm512_dpbusd_epi32(sum, _mm512_set1_epi8(-128), _mm512_load_si512(x + i));  // -128: the byte 128
  }
  return -_mm512_reduce_add_epi32(sum);
}

// acc starts at this, so that frequency * acc is the phase minus 16384: a solution of
// frequency / 2^16 * start = -2^14 mod 2^16. There is one unless the frequency is 2^31.
inline std::int32_t StartOf(std::uint32_t frequency) {
  const std::uint32_t factor = frequency >> 16;
  const int zeros = std::countr_zero(factor);
  std::uint32_t inverse = factor >> zeros;  // of an odd number, right to 3 bits; each step doubles them
  for (int step = 0; step < 3; ++step) inverse *= 2 - (factor >> zeros) * inverse;
  return -static_cast<std::int32_t>(((1U << (14 - zeros)) * inverse) & 0xFFFFU);
}

inline Form VnniFormOf(const IntegerLayer& layer) { return layer.frequency == 1U << 31 ? Form::kWaves : FormOf(layer); }

// Phases minus 16384 of two vectors of sums, in pairs: the low halves of acc times frequency / 2^16, or the high halves
// of acc * frequency.
template <Form kForm>
HWY_INLINE V16 Phases(std::uint32_t frequency, __m512i first, __m512i second) {
  if constexpr (kForm == Form::kPhases) {
    const __m512i up = _mm512_set4_epi32(0x0D0C0000, 0x09080000, 0x05040000, 0x01000000);  // low halves to high ones
    const __m512i pairs = _mm512_mask_shuffle_epi8(first, 0xCCCCCCCCCCCCCCCC, second, up);
    return V16{_mm512_mullo_epi16(pairs, _mm512_set1_epi16(static_cast<std::int16_t>(frequency >> 16)))};
  }
  return PairPhases(hn::Set(D32(), static_cast<std::int32_t>(frequency)), V32{first}, V32{second});
}

// Sums of a block of outputs for kCount rows of inputs.
template <std::size_t kCount>
struct BlockSums {
  HWY_INLINE BlockSums(const std::byte* HWY_RESTRICT block, std::size_t quads, Rows<const std::byte> x, std::size_t row,
                       const std::int32_t* corrections) {
    const std::byte* inputs[kCount];
#pragma GCC unroll 4
    for (std::size_t r = 0; r < kCount; ++r) {
      inputs[r] = x[row + r];
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kVectors; ++v) acc[r][v] = _mm512_set1_epi32(corrections[r]);
    }
    for (std::size_t q = 0; q < quads; ++q, block += kBlock * 4) {
#pragma GCC unroll 4
      for (std::size_t r = 0; r < kCount; ++r) {
        std::int32_t quad;
        std::memcpy(&quad, inputs[r] + 4 * q, sizeof(quad));
#pragma GCC unroll 4
        for (std::size_t v = 0; v < kVectors; ++v) {
          acc[r][v] = _mm512_dpbusd_epi32(acc[r][v], _mm512_load_si512(block + v * 64), _mm512_set1_epi32(quad));
        }
      }
    }
  }

  __m512i acc[kCount][kVectors];
};

template <Form kForm, Activation kActivation, std::size_t kCount, typename OutOf>
HWY_INLINE void RowsOfBlock(const std::byte* HWY_RESTRICT block, std::size_t quads, std::uint32_t frequency,
                            Rows<const std::byte> x, std::size_t row, const std::int32_t* corrections,
                            const OutOf& out_of) {
  const BlockSums<kCount> sums(block, quads, x, row, corrections);
#pragma GCC unroll 4
  for (std::size_t r = 0; r < kCount; ++r) {
    const auto& acc = sums.acc[r];
    const auto& out = out_of(row + r);
    if constexpr (kForm == Form::kSums) {
      out.Sums(V32{acc[0]}, V32{acc[1]}, 0);
      out.Sums(V32{acc[2]}, V32{acc[3]}, kBlock / 2);
    } else {
      PutPhases<kActivation>(out, 0, Phases<kForm>(frequency, acc[0], acc[1]),
                             Phases<kForm>(frequency, acc[2], acc[3]));
    }
  }
}

// Blocks [begin, end) for all rows of x. out_of(block, row): what takes the outputs.
template <typename OutOf>
HWY_INLINE void EachVnniBlock(const IntegerLayer& layer, Rows<const std::byte> x, std::size_t begin, std::size_t end,
                              const OutOf& out_of) {
  const std::size_t quads = Quads(layer);
  const std::uint32_t frequency = layer.frequency;
  const std::byte* packed = layer.packed;
  const Form form = VnniFormOf(layer);
  const std::int32_t start = form == Form::kPhases ? StartOf(frequency) : 0;
  std::array<std::int32_t, kGroup> corrections;
  for (std::size_t group = 0; group < x.count; group += kGroup) {
    const std::size_t rows = std::min(kGroup, x.count - group);
    for (std::size_t r = 0; r < rows; ++r) corrections[r] = start + Correction(x[group + r], layer.n_in);
    by_activation(layer.activation, [&]<Activation kActivation>() {
      ByForm<kActivation>(form, [&]<Form kForm>() {
        for (std::size_t b = begin; b < end; ++b) {
          const std::byte* block = packed + b * quads * kBlock * 4;
          const auto out_of_row = [&](std::size_t row) { return out_of(b, row); };
          const auto rows_of_block = [&]<std::size_t kCount>(std::size_t r) {
            RowsOfBlock<kForm, kActivation, kCount>(block, quads, frequency, x, group + r, corrections.data() + r,
                                                    out_of_row);
          };
          std::size_t r = 0;
          for (; r + kRows <= rows; r += kRows) rows_of_block.template operator()<kRows>(r);
          for (; r < rows; ++r) rows_of_block.template operator()<1>(r);
        }
      });
    });
  }
}

template <Activation kActivation>
void EmitPhases(const IntegerLayer& layer, Rows<const std::byte> x, std::size_t first, std::size_t n, Accumulate how,
                const float* w, std::size_t w_stride) {
  const std::size_t n_in = layer.n_in;
  const std::size_t quads = Quads(layer);
  const std::uint32_t frequency = layer.frequency;
  const std::int32_t start = StartOf(frequency);
  const std::byte* packed = layer.packed + first * quads * 4;
  static const bool natively = __builtin_cpu_supports("avx512bf16") != 0;
  ByElements(how, natively, [=]<Start kStart, Elements kElements, Place kPlace>() {
    LineWriter<kPlace> out(how.elements);
    for (std::size_t row = 0; row < x.count; ++row) {
      out.MoveTo(how.elements + row * how.elements_stride);
      const std::int32_t correction = start + Correction(x[row], n_in);
      Weigh<kStart> weigh{how.beta[row] * 0x1p-16F, how.constant, w + row * w_stride};
      BlockSums<1> sums(packed, quads, x, row, &correction);
      for (std::size_t at = 0; at < n; at += kBlock, weigh.w += kBlock) {
        const auto& acc = sums.acc[0];
        const V16 low = Phases<Form::kPhases>(frequency, acc[0], acc[1]);
        const V16 high = Phases<Form::kPhases>(frequency, acc[2], acc[3]);
        // The sums of the next block need not wait for the sines of this one.
        if (at + kBlock < n) sums = {packed + (at + kBlock) * quads * 4, quads, x, row, &correction};
        PutPhases<kActivation>(ToElements<kStart, kElements, kPlace>{weigh, out}, 0, low, high);
      }
    }
    out.Finish();
  });
}

bool StreamsElements(const IntegerLayer& layer, FloatType type) {
  return HWY_NAMESPACE::StreamsElements(layer, type) && VnniFormOf(layer) == Form::kPhases;
}

std::size_t IntegerPackedSize(const IntegerLayer& layer) {
  if (layer.wide_inputs) return HWY_NAMESPACE::IntegerPackedSize(layer);
  return Blocks(layer) * Quads(layer) * kBlock * 4;
}

void PackInteger(const IntegerLayer& layer, const std::int8_t* weights, std::byte* packed) {
  if (layer.wide_inputs) return HWY_NAMESPACE::PackInteger(layer, weights, packed);
  const std::size_t inputs = Quads(layer) * 4;
  for (std::size_t block = 0; block < Blocks(layer); ++block) {
    for (std::size_t i = 0; i < inputs; ++i) {
      for (std::size_t j = 0; j < kBlock; ++j) {
        const std::size_t column = block * kBlock + j;
        const bool exists = i < layer.n_in && column < layer.width;
        const std::int8_t weight = exists ? weights[i * layer.width + column] : std::int8_t{0};
        packed[block * inputs * kBlock + (i / 4 * kBlock + j) * 4 + i % 4] = static_cast<std::byte>(weight + 128);
      }
    }
  }
}

void IntegerHidden(const IntegerLayer& layer, Rows<const std::byte> x, Rows<std::byte> h) {
  if (layer.wide_inputs) return HWY_NAMESPACE::IntegerHidden<std::int8_t>(layer, x, h);
  EachVnniBlock(layer, x, 0, Blocks(layer), [=](std::size_t block, std::size_t row) {
    return ToActivations<std::int8_t>{reinterpret_cast<std::int8_t*>(h[row]) + block * kBlock};
  });
}

void IntegerExpand(const IntegerLayer& layer, Rows<const std::byte> x, std::size_t first, std::size_t n,
                   const Accumulate& how, float* w, std::size_t w_stride) {
  if (layer.wide_inputs) return HWY_NAMESPACE::IntegerExpand(layer, x, first, n, how, w, w_stride);
  if (how.elements != nullptr) {
    const auto emit = [&](const Accumulate& from, std::size_t stride) {
      by_activation(layer.activation, [&]<Activation kActivation>() {
        if constexpr (has_phase(kActivation)) EmitPhases<kActivation>(layer, x, first, n, from, w, stride);
      });
    };
    const auto expand = [&](std::size_t row, const Accumulate& from, float* weights) {
      IntegerExpand(layer, {x[row], x.stride, 1}, first, n, from, weights, 0);
    };
    return EmitElements(x.count, n, how, w, w_stride, emit, expand);
  }
  ToWeightsOf(first, how, w, w_stride, [&](const auto& out_of) {
    EachVnniBlock(layer, x, first / kBlock, (first + n + kBlock - 1) / kBlock, out_of);
  });
}

void IntegerSlopes(const IntegerLayer& layer, Rows<const std::byte> x, float scale, Rows<float> slopes) {
  if (layer.wide_inputs) return HWY_NAMESPACE::IntegerSlopes(layer, x, scale, slopes);
  EachVnniBlock(layer, x, 0, Blocks(layer), [=](std::size_t block, std::size_t row) {
    return ToSlopes{scale, slopes[row] + block * kBlock};
  });
}

}  // namespace
}  // namespace vnni
}  // namespace HWY_NAMESPACE
}  // namespace mcnc
HWY_POP_ATTRIBUTES

#endif  // MCNC_KERNELS_VNNI_INL_H_
