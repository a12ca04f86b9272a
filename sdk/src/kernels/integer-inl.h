// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Layers of integer arithmetic in vectors; kernels/scalar_integer.cc is what they compute. Two forms of packed weights:
//
// phases (with a frequency that is a multiple of 2^16): everything may be computed mod 2^16. Weights are int16,
//   multiplied by frequency / 2^16 beforehand, so that the sum is the phase, in the order of outputs-inl.h.
// pairs (all others): sums mod 2^32 of products of int16, two inputs at a time.
//
// Both are packed block by block of kBlock outputs, (blocks, n_in, kBlock) and (blocks, n_in / 2, kBlock, 2): one block
// stays in the nearest cache while all rows of inputs go over it.

#if defined(MCNC_KERNELS_INTEGER_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MCNC_KERNELS_INTEGER_INL_H_
#undef MCNC_KERNELS_INTEGER_INL_H_
#else
#define MCNC_KERNELS_INTEGER_INL_H_
#endif

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "arithmetic/activation.h"
#include "hwy/highway.h"
#include "kernels/by_activation.h"
#include "kernels/emit-inl.h"
#include "kernels/kernels.h"
#include "kernels/outputs-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mcnc {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// How sums become outputs.
enum class Form { kPhases, kWaves, kSums };

inline Form FormOf(const IntegerLayer& layer) {
  if (!has_phase(layer.activation)) return Form::kSums;
  return layer.frequency % 65536 == 0 ? Form::kPhases : Form::kWaves;
}

// Calls with_form.operator()<Form>() for one of the forms that layers of the activation have.
template <Activation kActivation, typename WithForm>
HWY_INLINE void ByForm(Form form, const WithForm& with_form) {
  if constexpr (!has_phase(kActivation)) {
    with_form.template operator()<Form::kSums>();
  } else if (form == Form::kPhases) {
    with_form.template operator()<Form::kPhases>();
  } else {
    with_form.template operator()<Form::kWaves>();
  }
}

inline std::size_t Blocks(const IntegerLayer& layer) { return whole_blocks(layer.width) / kBlock; }
inline std::size_t Pairs(const IntegerLayer& layer) { return (std::size_t{layer.n_in} + 1) / 2; }

// Where output j of a block goes among its phases.
inline std::size_t PairedLane(std::size_t j) {
  const std::size_t lanes = hn::Lanes(D16());
  const std::size_t lane = j % lanes;
  return j - lane + (lane < lanes / 2 ? 2 * lane : 2 * lane - lanes + 1);
}

// Calls with_vectors() with as many vectors as are made together, to be set: four, or all that a block has.
template <typename WithVectors>
HWY_INLINE void TogetherInBlock(const WithVectors& with_vectors) {
  const V16 unset = hn::Zero(D16());
  if (4 * hn::Lanes(D16()) <= kBlock) {
    with_vectors(unset, unset, unset, unset);
  } else {
    with_vectors(unset, unset);
  }
}

// Phases of one row of inputs, of outputs one after the other in a block, which share the broadcast of an input.
// weights: of the first output. input_of(i): input i in all lanes.
template <typename InputOf, class... Vectors>
HWY_INLINE void MakePhases(const std::int16_t* HWY_RESTRICT weights, std::size_t n_in, const InputOf& input_of,
                           Vectors&... phase) {
  const D16 d;
  ((phase = hn::Set(d, -16384)), ...);
  for (std::size_t i = 0; i < n_in; ++i) {
    const V16 input = input_of(i);
    const std::int16_t* next = weights + i * kBlock;
    ((phase = hn::Add(phase, hn::Mul(hn::Load(d, next), input)), next += hn::Lanes(d)), ...);
  }
}

// One row of inputs, one block of outputs.
template <Activation kActivation, typename InputOf, typename Out>
HWY_INLINE void PhasesBlock(const std::int16_t* HWY_RESTRICT block, std::size_t n_in, const InputOf& input_of,
                            const Out& out) {
  TogetherInBlock([&](auto... phase) HWY_ATTR {
    const std::size_t step = sizeof...(phase) * hn::Lanes(D16());
    for (std::size_t j = 0; j < kBlock; j += step) {
      MakePhases(block + j, n_in, input_of, phase...);
      PutPhases<kActivation>(out, j, phase...);
    }
  });
}

// acc + the two products of each lane's pairs.
HWY_INLINE V32 AddPairs(V16 weights, V16 inputs, V32 acc) {
  const D32 d;
#if HWY_ARCH_X86
  V32 none = hn::Zero(d);
  return hn::ReorderWidenMulAccumulate(d, weights, inputs, acc, none);
#else
  const V32 w = hn::BitCast(d, weights);
  const V32 x = hn::BitCast(d, inputs);
  const V32 odd = hn::Mul(hn::ShiftRight<16>(w), hn::ShiftRight<16>(x));
  const V32 even = hn::Mul(hn::ShiftRight<16>(hn::ShiftLeft<16>(w)), hn::ShiftRight<16>(hn::ShiftLeft<16>(x)));
  return hn::Add(acc, hn::Add(even, odd));
#endif
}

// (frequency * acc mod 2^32) >> 16, minus 16384, of two vectors of sums.
HWY_INLINE V16 PairPhases(V32 frequency, V32 first, V32 second) {
  const hn::Repartition<std::uint32_t, D16> d;
  const auto low = hn::ShiftRight<16>(hn::BitCast(d, hn::Mul(frequency, first)));
  const auto high = hn::And(hn::BitCast(d, hn::Mul(frequency, second)), hn::Set(d, 0xFFFF0000U));
  return hn::Sub(hn::BitCast(D16(), hn::Or(low, high)), hn::Set(D16(), 16384));
}

template <Form kForm, Activation kActivation, typename Out>
HWY_INLINE void PairsBlock(const std::int16_t* HWY_RESTRICT block, const std::int16_t* HWY_RESTRICT x,
                           std::size_t pairs, std::uint32_t frequency, const Out& out) {
  const D16 d;
  const D32 d32;
  const std::size_t lanes = hn::Lanes(d32);
  for (std::size_t j = 0; j < kBlock; j += 2 * lanes) {
    V32 acc0 = hn::Zero(d32);
    V32 acc1 = acc0;
    for (std::size_t i = 0; i < pairs; ++i) {
      const std::int16_t* weights = block + 2 * (i * kBlock + j);
      std::int32_t pair;
      std::memcpy(&pair, x + 2 * i, sizeof(pair));
      const V16 inputs = hn::BitCast(d, hn::Set(d32, pair));
      acc0 = AddPairs(hn::Load(d, weights), inputs, acc0);
      acc1 = AddPairs(hn::Load(d, weights + 2 * lanes), inputs, acc1);
    }
    if constexpr (kForm == Form::kWaves) {
      PutPhases<kActivation>(out, j, PairPhases(hn::Set(d32, static_cast<std::int32_t>(frequency)), acc0, acc1));
    } else {
      out.Sums(acc0, acc1, j);
    }
  }
}

// Blocks [begin, end) for all rows of x. out_of(block, row): what takes the outputs.
template <typename OutOf>
HWY_INLINE void EachBlock(const IntegerLayer& layer, Rows<const std::byte> x, std::size_t begin, std::size_t end,
                          const OutOf& out_of) {
  const std::size_t n_in = layer.n_in;
  const std::size_t pairs = Pairs(layer);
  const std::uint32_t frequency = layer.frequency;
  const auto* packed = reinterpret_cast<const std::int16_t*>(layer.packed);
  by_activation(layer.activation, [&]<Activation kActivation>() {
    ByForm<kActivation>(FormOf(layer), [&]<Form kForm>() {
      for (std::size_t block = begin; block < end; ++block) {
        for (std::size_t row = 0; row < x.count; ++row) {
          const auto* inputs = reinterpret_cast<const std::int16_t*>(x[row]);
          if constexpr (kForm == Form::kPhases) {
            const auto input_of = [=](std::size_t i) { return hn::Set(D16(), inputs[i]); };
            PhasesBlock<kActivation>(packed + block * n_in * kBlock, n_in, input_of, out_of(block, row));
          } else {
            const std::int16_t* weights = packed + block * pairs * 2 * kBlock;
            PairsBlock<kForm, kActivation>(weights, inputs, pairs, frequency, out_of(block, row));
          }
        }
      }
    });
  });
}

// Calls with_out_of(out_of) with an out_of(block, row) that adds up in w.
template <typename WithOutOf>
HWY_INLINE void ToWeightsOf(std::size_t first, const Accumulate& how, float* w, std::size_t w_stride,
                            const WithOutOf& with_out_of) {
  const float constant = how.constant;
  const float* beta = how.beta;
  const auto from = [&]<Start kStart>() {
    with_out_of([=](std::size_t block, std::size_t row) {
      float* place = w + row * w_stride + (block * kBlock - first);
      return ToWeights<kStart>{{beta[row], constant, place}, place};
    });
  };
  if (how.from_constant) {
    from.template operator()<Start::kConstant>();
  } else {
    from.template operator()<Start::kWeights>();
  }
}

constexpr std::size_t kFewInputs = 64;

// Layers whose outputs can be written past the caches: those that are faster than memory.
bool StreamsElements(const IntegerLayer& layer, FloatType type) {
  return FormOf(layer) == Form::kPhases && layer.n_in <= kFewInputs && (kEmitsF16 || type != FloatType::kF16);
}

// Whether no weight of these is subnormal, nor beta / 2^16: sums of numbers that are 0 or not so small are so, too.
// Weights that are added to are not looked at.
bool AreLarge(const Accumulate& how, std::size_t rows) {
  const auto is_large = [](float x) { return x == 0 || std::fabs(x) >= 0x1p-100F; };
  return is_large(how.constant) && std::all_of(how.beta, how.beta + rows, is_large);
}

// Calls emit.operator()<kStart, kElements, kPlace>(), which puts the outputs of all rows in a LineWriter<kPlace>
// through ToElements. All that it calls is inlined: what a row needs stays in registers.
template <typename Emit>
HWY_INLINE void ByElements(const Accumulate& how, bool natively, const Emit& emit) {
  const std::size_t line = hn::Lanes(ConvertByteTag());
  const std::size_t past = reinterpret_cast<std::uintptr_t>(how.elements) % line;
  const bool whole_lines = how.elements_stride % line == 0;
  const auto with_elements = [&]<Start kStart, Elements kElements>() {
    if (whole_lines && past == 0) return emit.template operator()<kStart, kElements, Place::kLine>();
    if constexpr (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2) {
      if (whole_lines && past == 16) return emit.template operator()<kStart, kElements, Place::kSixteen>();
    }
    emit.template operator()<kStart, kElements, Place::kAnywhere>();
  };
  const auto with_start = [&]<Start kStart>() {
    switch (how.type) {
      case FloatType::kF32:
        return with_elements.template operator()<kStart, Elements::kF32>();
      case FloatType::kF16:  // see StreamsElements
        if constexpr (kEmitsF16) with_elements.template operator()<kStart, Elements::kF16>();
        return;
      case FloatType::kBf16:
        if constexpr (kStart == Start::kZero && HWY_TARGET <= HWY_AVX3) {
          if (natively) return with_elements.template operator()<kStart, Elements::kBf16Natively>();
        }
        return with_elements.template operator()<kStart, Elements::kBf16>();
    }
  };
  if (how.from_constant) {
    with_start.template operator()<Start::kZero>();
  } else {
    with_start.template operator()<Start::kWeights>();
  }
}

// Outputs of all rows as elements: by emit(from, w_stride), which adds to 0 or to the rows of w, or, where weights may
// be subnormal, by way of expand(row, from, w), which makes those of one row in w.
template <typename Emit, typename Expand>
void EmitElements(std::size_t rows, std::size_t n, Accumulate how, float* w, std::size_t w_stride, const Emit& emit,
                  const Expand& expand) {
  if (AreLarge(how, rows)) {
    if (!how.from_constant || how.constant == 0) return emit(how, w_stride);
    std::fill_n(w, n, how.constant);
    how.from_constant = false;
    return emit(how, 0);
  }
  std::byte* const elements = std::exchange(how.elements, nullptr);
  for (std::size_t row = 0; row < rows; ++row, ++how.beta, w += how.from_constant ? 0 : w_stride) {
    expand(row, how, w);
    Narrow(w, n, how.type, true, elements + row * how.elements_stride);
  }
}

template <Activation kActivation>
void EmitPhases(const IntegerLayer& layer, Rows<const std::byte> x, std::size_t first, std::size_t n, Accumulate how,
                const float* w, std::size_t w_stride) {
  const std::size_t n_in = layer.n_in;
  const auto* packed = reinterpret_cast<const std::int16_t*>(layer.packed) + first * n_in;
  ByElements(how, false, [=]<Start kStart, Elements kElements, Place kPlace>() {
    const D16 d;
    alignas(kAlignment) std::int16_t inputs[kFewInputs * hn::MaxLanes(d)];  // each in all lanes of a vector
    const auto input_of = [&](std::size_t i) { return hn::Load(D16(), inputs + i * hn::Lanes(D16())); };
    const auto weights = [&](std::size_t output) { return packed + output / kBlock * kBlock * n_in + output % kBlock; };
    LineWriter<kPlace> out(how.elements);
    for (std::size_t row = 0; row < x.count; ++row) {
      out.MoveTo(how.elements + row * how.elements_stride);
      const auto* codes = reinterpret_cast<const std::int16_t*>(x[row]);
      for (std::size_t i = 0; i < n_in; ++i) hn::Store(hn::Set(d, codes[i]), d, inputs + i * hn::Lanes(d));
      Weigh<kStart> weigh{how.beta[row] * 0x1p-16F, how.constant, w + row * w_stride};
      TogetherInBlock([&](auto... next) HWY_ATTR {
        const std::size_t step = sizeof...(next) * hn::Lanes(D16());
        MakePhases(weights(0), n_in, input_of, next...);
        for (std::size_t at = 0; at < n; at += step, weigh.w += step) {
          const auto put = [&](auto... phase) HWY_ATTR {
            // The next phases need not wait for the sines of these.
            if (at + step < n) MakePhases(weights(at + step), n_in, input_of, next...);
            PutPhases<kActivation>(ToElements<kStart, kElements, kPlace>{weigh, out}, 0, phase...);
          };
          put(next...);
        }
      });
    }
    out.Finish();
  });
}

std::size_t IntegerPackedSize(const IntegerLayer& layer) {
  return Blocks(layer) * kBlock * sizeof(std::int16_t) *
         (FormOf(layer) == Form::kPhases ? layer.n_in : 2 * Pairs(layer));
}

void PackInteger(const IntegerLayer& layer, const std::int8_t* weights, std::byte* packed) {
  const bool phases = FormOf(layer) == Form::kPhases;
  const std::size_t inputs = phases ? layer.n_in : 2 * Pairs(layer);
  const auto factor = phases ? static_cast<std::uint16_t>(layer.frequency >> 16) : std::uint16_t{1};
  auto* out = reinterpret_cast<std::int16_t*>(packed);
  for (std::size_t block = 0; block < Blocks(layer); ++block) {
    for (std::size_t i = 0; i < inputs; ++i) {
      for (std::size_t j = 0; j < kBlock; ++j) {
        const std::size_t column = block * kBlock + j;
        const bool exists = i < layer.n_in && column < layer.width;
        const std::int8_t weight = exists ? weights[i * layer.width + column] : std::int8_t{0};
        const auto value = static_cast<std::uint16_t>(static_cast<std::uint32_t>(weight) * factor);
        const std::size_t at = phases ? i * kBlock + PairedLane(j) : 2 * (i / 2 * kBlock + j) + i % 2;
        out[block * inputs * kBlock + at] = static_cast<std::int16_t>(value);
      }
    }
  }
}

// T: what activations are stored as.
template <typename T>
void IntegerHidden(const IntegerLayer& layer, Rows<const std::byte> x, Rows<std::byte> h) {
  EachBlock(layer, x, 0, Blocks(layer), [=](std::size_t block, std::size_t row) {
    return ToActivations<T>{reinterpret_cast<T*>(h[row]) + block * kBlock};
  });
}

void IntegerExpand(const IntegerLayer& layer, Rows<const std::byte> x, std::size_t first, std::size_t n,
                   const Accumulate& how, float* w, std::size_t w_stride) {
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
    EachBlock(layer, x, first / kBlock, (first + n + kBlock - 1) / kBlock, out_of);
  });
}

void IntegerSlopes(const IntegerLayer& layer, Rows<const std::byte> x, float scale, Rows<float> slopes) {
  EachBlock(layer, x, 0, Blocks(layer), [=](std::size_t block, std::size_t row) {
    return ToSlopes{scale, slopes[row] + block * kBlock};
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mcnc
HWY_AFTER_NAMESPACE();

#endif  // MCNC_KERNELS_INTEGER_INL_H_
