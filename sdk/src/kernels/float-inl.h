// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The float32 arithmetic, vectors across outputs: per target, see simd.cc.
#if defined(MCNC_KERNELS_FLOAT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MCNC_KERNELS_FLOAT_INL_H_
#undef MCNC_KERNELS_FLOAT_INL_H_
#else
#define MCNC_KERNELS_FLOAT_INL_H_
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "hwy/highway.h"
#include "kernels/by_activation.h"
#include "kernels/draw-inl.h"
#include "kernels/kernels.h"
#include "kernels/opaque-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mcnc {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::CappedTag<float, 16>;
using FloatVector = hn::Vec<FloatTag>;

// A tile of sums, kTileRows x kTileVectors, stays in registers with a row of weights and an input.
#if !HWY_NATIVE_FMA
constexpr std::size_t kTileVectors = 1;
#elif HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
constexpr std::size_t kTileVectors = 2;  // of 16 registers
#else
constexpr std::size_t kTileVectors = 4;  // of 32
#endif
constexpr std::size_t kTileRows = 6;
// Weights of a tile that are used for all rows before the next ones: they stay in the second level of the cache.
constexpr std::size_t kTileDepth = 1024;

// Outputs of a panel: kBlock is a multiple of it.
HWY_INLINE std::size_t PanelWidth() { return kTileVectors * hn::Lanes(FloatTag()); }

#if HWY_NATIVE_FMA

HWY_INLINE FloatVector Fma(FloatVector a, FloatVector b, FloatVector c) { return hn::MulAdd(a, b, c); }

#elif HWY_ARCH_WASM

// As below, in instructions: Highway has no float64 on WebAssembly.
HWY_INLINE v128_t RoundedToOdd(v128_t a, v128_t b, v128_t addend) {
  const v128_t product = wasm_f64x2_mul(a, b);
  const v128_t sum = wasm_f64x2_add(product, addend);
  const v128_t back = wasm_f64x2_sub(sum, product);
  const v128_t error = wasm_f64x2_add(wasm_f64x2_sub(product, wasm_f64x2_sub(sum, back)), wasm_f64x2_sub(addend, back));
  const v128_t even = wasm_v128_andnot(wasm_i64x2_splat(1), sum);
  const v128_t moved = wasm_v128_andnot(even, wasm_f64x2_eq(error, wasm_f64x2_splat(0)));
  const v128_t inwards = wasm_i64x2_shr(wasm_v128_xor(error, sum), 63);
  return wasm_i64x2_add(sum, wasm_i64x2_sub(wasm_v128_xor(moved, inwards), inwards));
}

HWY_INLINE FloatVector Fma(FloatVector a, FloatVector b, FloatVector c) {
  const auto upper_half = [](FloatVector v) {
    return wasm_f64x2_promote_low_f32x4(wasm_i64x2_shuffle(v.raw, v.raw, 1, 1));
  };
  const v128_t lower = RoundedToOdd(wasm_f64x2_promote_low_f32x4(a.raw), wasm_f64x2_promote_low_f32x4(b.raw),
                                    wasm_f64x2_promote_low_f32x4(c.raw));
  const v128_t upper = RoundedToOdd(upper_half(a), upper_half(b), upper_half(c));
  return FloatVector{
      wasm_i64x2_shuffle(wasm_f32x4_demote_f64x2_zero(lower), wasm_f32x4_demote_f64x2_zero(upper), 0, 2)};
}

#else

// fma32 of arithmetic/fma32.h up to the last rounding.
template <class D64, class V64 = hn::Vec<D64>>
HWY_INLINE V64 RoundedToOdd(D64 d64, V64 a, V64 b, V64 addend) {
  const hn::RebindToSigned<D64> di64;
  const V64 product = hn::Mul(a, b);
  const V64 sum = hn::Add(product, addend);
  const V64 back = hn::Sub(sum, product);
  const V64 error = hn::Add(hn::Sub(product, hn::Sub(sum, back)), hn::Sub(addend, back));
  const auto bits = hn::BitCast(di64, sum);
  const auto even = hn::AndNot(bits, hn::Set(di64, 1));
  const auto moved = hn::IfThenZeroElse(hn::RebindMask(di64, hn::Eq(error, hn::Zero(d64))), even);
  const auto inwards = hn::BroadcastSignBit(hn::BitCast(di64, hn::Xor(error, sum)));
  return hn::BitCast(d64, hn::Add(bits, hn::Sub(hn::Xor(moved, inwards), inwards)));
}

HWY_INLINE FloatVector Fma(FloatVector a, FloatVector b, FloatVector c) {
  const FloatTag d;
  const hn::Half<FloatTag> half;
  const hn::Rebind<double, decltype(half)> d64;
  const auto lower =
      RoundedToOdd(d64, hn::PromoteTo(d64, hn::LowerHalf(half, a)), hn::PromoteTo(d64, hn::LowerHalf(half, b)),
                   hn::PromoteTo(d64, hn::LowerHalf(half, c)));
  const auto upper =
      RoundedToOdd(d64, hn::PromoteTo(d64, hn::UpperHalf(half, a)), hn::PromoteTo(d64, hn::UpperHalf(half, b)),
                   hn::PromoteTo(d64, hn::UpperHalf(half, c)));
  return hn::Combine(d, hn::DemoteTo(half, upper), hn::DemoteTo(half, lower));
}

#endif  // HWY_NATIVE_FMA

// turn_sine of arithmetic/turn_sine.h.
HWY_INLINE FloatVector TurnSine(FloatVector r) {
  const FloatTag d;
  // The sum with +0 makes +0 of -0, which is what the difference needs to keep the sign of an r of -0.
  const FloatVector whole = hn::Add(hn::Round(r), hn::Zero(d));
  const FloatVector f = hn::Sub(r, whole);
  const FloatVector folded = hn::Sub(hn::CopySignToAbs(hn::Set(d, 0.5F), f), f);
  const FloatVector t = hn::IfThenElse(hn::Gt(hn::Abs(f), hn::Set(d, 0.25F)), folded, f);
  const FloatVector u = hn::Mul(t, t);
  FloatVector p = hn::Set(d, 0x1.3c4b2cp5F);
  p = Fma(p, u, hn::Set(d, -0x1.3232fap6F));
  p = Fma(p, u, hn::Set(d, 0x1.46676ep6F));
  p = Fma(p, u, hn::Set(d, -0x1.4abbb6p5F));
  p = Fma(p, u, hn::Set(d, 0x1.921fb4p2F));
  return hn::Mul(t, p);
}

// The rows of a tile take their vectors one by one, because those of SVE cannot be elements of an array.
HWY_INLINE void LoadTileRow(const float* y, FloatVector& a, FloatVector& b, FloatVector& c, FloatVector& d) {
  const FloatTag tag;
  const std::size_t lanes = hn::Lanes(tag);
  a = hn::Load(tag, y);
  if constexpr (kTileVectors > 1) b = hn::Load(tag, y + lanes);
  if constexpr (kTileVectors > 2) c = hn::Load(tag, y + 2 * lanes);
  if constexpr (kTileVectors > 2) d = hn::Load(tag, y + 3 * lanes);
}

HWY_INLINE void StoreTileRow(FloatVector a, FloatVector b, FloatVector c, FloatVector d, float* y) {
  const FloatTag tag;
  const std::size_t lanes = hn::Lanes(tag);
  hn::Store(a, tag, y);
  if constexpr (kTileVectors > 1) hn::Store(b, tag, y + lanes);
  if constexpr (kTileVectors > 2) hn::Store(c, tag, y + 2 * lanes);
  if constexpr (kTileVectors > 2) hn::Store(d, tag, y + 3 * lanes);
}

HWY_INLINE void AddToTileRow(float x, FloatVector wa, FloatVector wb, FloatVector wc, FloatVector wd, FloatVector& a,
                             FloatVector& b, FloatVector& c, FloatVector& d) {
  const FloatVector factor = hn::Set(FloatTag(), x);
  a = Fma(wa, factor, a);
  if constexpr (kTileVectors > 1) b = Fma(wb, factor, b);
  if constexpr (kTileVectors > 2) c = Fma(wc, factor, c);
  if constexpr (kTileVectors > 2) d = Fma(wd, factor, d);
}

// `depth` inputs of kRows rows, times a panel of weights, added to the sums in y, or to +0 where these are the first.
// kDrawn: the weights are those of ComputeDrawnColumns, else packed.
template <bool kDrawn, std::size_t kRows>
HWY_NOINLINE void AddTile(const float* HWY_RESTRICT weights, std::size_t depth, bool is_first,
                          const float* HWY_RESTRICT x, std::size_t x_stride, float* HWY_RESTRICT y,
                          std::size_t y_stride) {
  const FloatVector zero = hn::Zero(FloatTag());
  FloatVector a0 = zero, b0 = zero, c0 = zero, d0 = zero;
  FloatVector a1 = zero, b1 = zero, c1 = zero, d1 = zero;
  FloatVector a2 = zero, b2 = zero, c2 = zero, d2 = zero;
  FloatVector a3 = zero, b3 = zero, c3 = zero, d3 = zero;
  FloatVector a4 = zero, b4 = zero, c4 = zero, d4 = zero;
  FloatVector a5 = zero, b5 = zero, c5 = zero, d5 = zero;
  if (!is_first) {
    LoadTileRow(y, a0, b0, c0, d0);
    if constexpr (kRows > 1) LoadTileRow(y + y_stride, a1, b1, c1, d1);
    if constexpr (kRows > 2) LoadTileRow(y + 2 * y_stride, a2, b2, c2, d2);
    if constexpr (kRows > 3) LoadTileRow(y + 3 * y_stride, a3, b3, c3, d3);
    if constexpr (kRows > 4) LoadTileRow(y + 4 * y_stride, a4, b4, c4, d4);
    if constexpr (kRows > 5) LoadTileRow(y + 5 * y_stride, a5, b5, c5, d5);
  }
  const std::size_t stride = kDrawn ? kDrawnColumns : PanelWidth();
  for (std::size_t i = 0; i < depth; ++i) {
    FloatVector wa = zero, wb = zero, wc = zero, wd = zero;
    LoadTileRow(weights + i * stride, wa, wb, wc, wd);
    AddToTileRow(x[i], wa, wb, wc, wd, a0, b0, c0, d0);
    if constexpr (kRows > 1) AddToTileRow(x[x_stride + i], wa, wb, wc, wd, a1, b1, c1, d1);
    if constexpr (kRows > 2) AddToTileRow(x[2 * x_stride + i], wa, wb, wc, wd, a2, b2, c2, d2);
    if constexpr (kRows > 3) AddToTileRow(x[3 * x_stride + i], wa, wb, wc, wd, a3, b3, c3, d3);
    if constexpr (kRows > 4) AddToTileRow(x[4 * x_stride + i], wa, wb, wc, wd, a4, b4, c4, d4);
    if constexpr (kRows > 5) AddToTileRow(x[5 * x_stride + i], wa, wb, wc, wd, a5, b5, c5, d5);
  }
  StoreTileRow(a0, b0, c0, d0, y);
  if constexpr (kRows > 1) StoreTileRow(a1, b1, c1, d1, y + y_stride);
  if constexpr (kRows > 2) StoreTileRow(a2, b2, c2, d2, y + 2 * y_stride);
  if constexpr (kRows > 3) StoreTileRow(a3, b3, c3, d3, y + 3 * y_stride);
  if constexpr (kRows > 4) StoreTileRow(a4, b4, c4, d4, y + 4 * y_stride);
  if constexpr (kRows > 5) StoreTileRow(a5, b5, c5, d5, y + 5 * y_stride);
}

// Inputs [first, first + depth) of all rows, times a panel.
template <bool kDrawn>
HWY_INLINE void AddPanel(const float* weights, std::size_t first, std::size_t depth, Rows<const float> x, float* y,
                         std::size_t y_stride) {
  for (std::size_t row = 0; row < x.count; row += kTileRows) {
    const float* inputs = x[row] + first;
    float* sums = y + row * y_stride;
    switch (HWY_MIN(kTileRows, x.count - row)) {
      case 1:
        AddTile<kDrawn, 1>(weights, depth, first == 0, inputs, x.stride, sums, y_stride);
        break;
      case 2:
        AddTile<kDrawn, 2>(weights, depth, first == 0, inputs, x.stride, sums, y_stride);
        break;
      case 3:
        AddTile<kDrawn, 3>(weights, depth, first == 0, inputs, x.stride, sums, y_stride);
        break;
      case 4:
        AddTile<kDrawn, 4>(weights, depth, first == 0, inputs, x.stride, sums, y_stride);
        break;
      case 5:
        AddTile<kDrawn, 5>(weights, depth, first == 0, inputs, x.stride, sums, y_stride);
        break;
      default:
        AddTile<kDrawn, kTileRows>(weights, depth, first == 0, inputs, x.stride, sums, y_stride);
        break;
    }
  }
}

template <Activation kActivation>
HWY_INLINE FloatVector Activated(FloatVector turns, FloatVector value) {
  static_assert(kActivation == Activation::kSine || kActivation == Activation::kIdentity);
  if constexpr (kActivation == Activation::kSine) return TurnSine(Unfused(hn::Mul(turns, value)));
  return value;
}

// The sums of a panel become outputs. bias: of the panel.
template <Activation kActivation>
HWY_INLINE void FinishPanelOf(const FloatLayer& layer, const float* bias, std::size_t rows, float* y,
                              std::size_t y_stride) {
  const FloatTag d;
  const FloatVector turns = hn::Set(d, layer.turns);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t j = 0; j < PanelWidth(); j += hn::Lanes(d)) {
      float* out = y + row * y_stride + j;
      FloatVector value = hn::Load(d, out);
      if (layer.has_bias) value = hn::Add(value, hn::Load(d, bias + j));
      hn::Store(Activated<kActivation>(turns, value), d, out);
    }
  }
}

HWY_INLINE void FinishPanel(const FloatLayer& layer, const float* bias, std::size_t rows, float* y,
                            std::size_t y_stride) {
  by_activation(layer.activation, [&]<Activation kActivation>() HWY_ATTR {
    if (kActivation == Activation::kIdentity && !layer.has_bias) return;
    FinishPanelOf<kActivation>(layer, bias, rows, y, y_stride);
  });
}

// Inputs whose weights are packed.
inline std::size_t PackedInputs(const FloatLayer& layer) { return layer.is_drawn ? 0 : layer.n_in; }

// Panels (whole_blocks(width) / PanelWidth(), n_in, PanelWidth()) of weights, zeros where there is no output, unless
// they are drawn; then the bias.
inline std::size_t FloatPackedSize(const FloatLayer& layer) {
  return (PackedInputs(layer) + (layer.has_bias ? 1 : 0)) * whole_blocks(layer.width);
}

inline void PackFloat(const FloatLayer& layer, const float* weights, const float* bias, float* packed) {
  const std::size_t panel = PanelWidth();
  const std::size_t width = whole_blocks(layer.width);
  for (std::size_t first = 0; first < width && !layer.is_drawn; first += panel) {
    const std::size_t real = first < layer.width ? HWY_MIN(panel, layer.width - first) : 0;
    for (std::size_t i = 0; i < layer.n_in; ++i, packed += panel) {
      if (real > 0) std::memcpy(packed, weights + i * layer.width + first, real * sizeof(float));
      std::memset(packed + real, 0, (panel - real) * sizeof(float));
    }
  }
  if (!layer.has_bias) return;
  std::memcpy(packed, bias, layer.width * sizeof(float));
  std::memset(packed + layer.width, 0, (width - layer.width) * sizeof(float));
}

// Outputs [first, first + n), n at most kDrawnColumns, of a layer whose weights are drawn: those of some inputs at a
// time, into memory that stays in the nearest cache.
HWY_INLINE void ComputeDrawnColumns(const FloatLayer& layer, Rows<const float> x, std::size_t first, std::size_t n,
                                    float* y, std::size_t y_stride) {
  constexpr std::size_t kDepth = 8;
  alignas(64) float weights[kDepth * kDrawnColumns];
  const std::size_t panel = PanelWidth();
  const std::size_t end = (n + panel - 1) / panel * panel;
  const DrawSequence sequence{layer.drawn.seed, Domain::kGeneratorWeights, layer.drawn.stream};
  for (std::size_t i = 0; i < layer.n_in; i += kDepth) {
    const std::size_t depth = HWY_MIN(kDepth, layer.n_in - i);
    for (std::size_t row = 0; row < depth; ++row) {
      float* const out = weights + row * kDrawnColumns;
      Draw(sequence, Uniforms{layer.drawn.scale}, std::uint64_t{i + row} * layer.width + first, n, out);
      std::memset(out + n, 0, (end - n) * sizeof(float));
    }
    for (std::size_t j = 0; j < end; j += panel) {
      AddPanel<true>(weights + j, i, depth, x, y + j, y_stride);
    }
  }
  for (std::size_t j = 0; j < end; j += panel) {
    FinishPanel(layer, layer.packed + first + j, x.count, y + j, y_stride);
  }
}

inline void ComputeFloatLayer(const FloatLayer& layer, Rows<const float> x, std::size_t first, std::size_t n, float* y,
                              std::size_t y_stride) {
  if (layer.is_drawn) {
    for (std::size_t j = 0; j < n; j += kDrawnColumns) {
      ComputeDrawnColumns(layer, x, first + j, HWY_MIN(kDrawnColumns, n - j), y + j, y_stride);
    }
    return;
  }
  const std::size_t panel = PanelWidth();
  const float* bias = layer.packed + layer.n_in * whole_blocks(layer.width) + first;
  for (std::size_t j = 0; j < n; j += panel) {
    const float* weights = layer.packed + (first + j) * layer.n_in;
    for (std::size_t i = 0; i < layer.n_in; i += kTileDepth) {
      AddPanel<false>(weights + i * panel, i, HWY_MIN(kTileDepth, layer.n_in - i), x, y + j, y_stride);
    }
    FinishPanel(layer, bias + j, x.count, y + j, y_stride);
  }
}

// w[0, Lanes(d)) = start + beta * g.
template <class D>
HWY_INLINE void AddScaledVector(D d, float beta, const float* g, bool from_constant, float constant, float* w) {
  const auto product = Unfused(hn::Mul(hn::Set(d, beta), hn::LoadU(d, g)));
  hn::StoreU(hn::Add(from_constant ? hn::Set(d, constant) : hn::LoadU(d, w), product), d, w);
}

inline void AddScaled(Rows<const float> g, std::size_t n, const Accumulate& how, float* w, std::size_t w_stride) {
  const FloatTag d;
  const std::size_t lanes = hn::Lanes(d);
  const bool from_constant = how.from_constant;
  const float constant = how.constant;
  for (std::size_t row = 0; row < g.count; ++row) {
    const float beta = how.beta[row];
    const float* HWY_RESTRICT in = g[row];
    float* HWY_RESTRICT out = w + row * w_stride;
    std::size_t j = 0;
    for (; j + lanes <= n; j += lanes) AddScaledVector(d, beta, in + j, from_constant, constant, out + j);
    for (; j < n; ++j) AddScaledVector(hn::CappedTag<float, 1>(), beta, in + j, from_constant, constant, out + j);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mcnc
HWY_AFTER_NAMESPACE();

#endif  // MCNC_KERNELS_FLOAT_INL_H_
