// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Chunks of a generator of integer arithmetic that is one sine layer with int8 codes: codes to elements of a tensor in
// one step. CPU definition: integer_expand() of sdk/src/kernels/scalar_integer.cc, then narrow() of scalar_convert.cc.
//
// A thread makes four outputs of four chunks at a time, then of the next four. The weights of these outputs stay in
// registers, four to a word, so that a code of k numbers costs ceil(k / 4) instructions an output; k is at most 16, for
// larger codes see expand_integer.h.
//
// Limits (see cuda/FIGURES.md; none was measured): a weight of a code of nine numbers takes 21 instructions on sm_90,
// of which 19 are its own: 3 for the products, 13 for the sine, 3 for its float32, the product with beta and the sum.
// That is 5.2 for a byte of float32, and memory is the limit on an H100, an RTX 4090 and a Jetson Orin. Elements of 16
// bits take 10.6 for a byte: about as much as the memory of an H100 takes in, and memory is the limit on a 4090 and an
// Orin. Codes come from the caches.
#ifndef MCNC_CUDA_KERNELS_EXPAND_SINE_H_
#define MCNC_CUDA_KERNELS_EXPAND_SINE_H_

#include "cuda/kernels/device_sine.h"
#include "cuda/kernels/element.h"
#include "cuda/kernels/pack.h"
#include "cuda/kernels/run.h"

namespace mcnc::cuda {

// Chunks that a thread makes in one go: as many codes as whole words of 16 bytes hold, whatever their size.
inline constexpr unsigned kTile = 4;

// A sine layer, and its weights for four outputs: word (g, j) is inputs 4g to 4g + 3 of output j. kGroups: ceil(k / 4).
template <int kGroups>
struct FourOutputs {
  unsigned frequency;
  int words[kGroups][kColumns];

  __device__ void load(const int* __restrict__ weights, unsigned stride, unsigned layer_frequency, unsigned column) {
    frequency = layer_frequency;
    for (int g = 0; g < kGroups; g += 2) {
      int two[2][kColumns];
      load_weights(weights, stride, g, column, two);
      for (int i = 0; i < 2 && g + i < kGroups; ++i) {
        for (unsigned j = 0; j < kColumns; ++j) words[g + i][j] = two[i][j];
      }
    }
  }

  // w += beta * phi(code).
  __device__ void add(const int* __restrict__ code, float beta, float (&w)[kColumns]) const {
    int acc[kColumns] = {0, 0, 0, 0};
    for (int g = 0; g < kGroups; ++g) {
      for (unsigned j = 0; j < kColumns; ++j) acc[j] = __dp4a(words[g][j], code[g], acc[j]);
    }
    float g[kColumns];
    for (unsigned j = 0; j < kColumns; ++j) {
      g[j] = static_cast<float>(device_sine(frequency, static_cast<unsigned>(acc[j])));
    }
    add_scaled(beta, g, w);
  }
};

// The usual case, with nothing in its loop that does not change from tile to tile: chunks of one code each, which start
// from a constant. Makes the tiles of kTile chunks that begin at `tile`, `tile` + step and so on, up to one that has a
// chunk without these columns; returns that one's first chunk. Run: one slice, in fours, as `out` is.
template <typename Element, int kGroups>
__device__ inline unsigned expand_tiles(const FourOutputs<kGroups>& phi, const int* __restrict__ codes,
                                        const Betas& betas, float constant, const Run& run, unsigned column,
                                        unsigned tile, unsigned step, void* out) {
  if (!run.has(tile, column)) return tile;
  const unsigned end = run.has(run.chunks - 1, column) ? run.chunks : run.chunks - 1;
  const unsigned fours_of_chunk = run.width / kColumns;
  unsigned place = run.place(0, tile, column) / kColumns;
  for (; tile + kTile <= end; tile += step) {
    const auto* fours_of_codes = reinterpret_cast<const int4*>(codes + static_cast<std::size_t>(tile) * kGroups);
    int words[kTile * kGroups];
    for (int i = 0; i < kGroups; ++i) {
      const int4 four = fours_of_codes[i];
      words[4 * i] = four.x;
      words[4 * i + 1] = four.y;
      words[4 * i + 2] = four.z;
      words[4 * i + 3] = four.w;
    }
    const float* beta = betas.values + tile * betas.step;
    auto* four = static_cast<typename Element::Four*>(out) + place;
    for (unsigned r = 0; r < kTile; ++r) {
      float w[kColumns] = {constant, constant, constant, constant};
      phi.add(words + r * kGroups, beta[static_cast<std::size_t>(betas.step) * r], w);
      __stcs(four + static_cast<std::size_t>(fours_of_chunk) * r, Element::four(w));
    }
    place += step * fours_of_chunk;
  }
  return tile;
}

template <typename Element, int kGroups>
__device__ inline void expand_sine(const int* __restrict__ weights, unsigned stride, unsigned frequency,
                                   const int* __restrict__ codes, const Betas& betas, const Theta0& theta0,
                                   const Run& run, void* out) {
  const unsigned column = (blockIdx.x * blockDim.x + threadIdx.x) * kColumns;
  if (column >= run.width) return;
  FourOutputs<kGroups> phi;
  phi.load(weights, stride, frequency, column);
  const unsigned step = gridDim.y * blockDim.y * kTile;
  const bool is_usual =
      betas.codes_per_chunk == 1 && run.slices == 1 && theta0.starts == nullptr && stores_fours<Element>(run, out);
  for (unsigned slice = blockIdx.z; slice < run.slices; slice += gridDim.z) {
    for (unsigned tile = (blockIdx.y * blockDim.y + threadIdx.y) * kTile; tile < run.chunks; tile += step) {
      if (is_usual) {
        tile = expand_tiles<Element>(phi, codes, betas, theta0.constant, run, column, tile, step, out);
      }
      for (unsigned chunk = tile; chunk < min(tile + kTile, run.chunks); ++chunk) {
        float w[kColumns];
        load_starts(run, theta0, slice, chunk, column, w);
        const std::size_t first = run.row(slice, chunk) * betas.codes_per_chunk;
        for (std::size_t code = first; code < first + betas.codes_per_chunk; ++code) {
          phi.add(codes + code * kGroups, betas.of(code), w);
        }
        store_elements<Element>(run, slice, chunk, column, w, out);
      }
    }
  }
}

}  // namespace mcnc::cuda

// mcnc_expand_sine_<element type>_<groups>.
//   weights (groups, stride): see mcnc_pack_weights; groups: at least ceil(k / 4); aligned to 16 bytes.
//   codes (rows * codes_per_chunk, groups): words of four numbers of a code, the first in the lowest byte, zeros past
//     k; rows = (slices - 1) * slice_chunks + chunks; aligned to 16 bytes.
//   betas (rows * codes_per_chunk) with beta_step 1, or (1) with beta_step 0.
//   starts: float32 (slices * count), may be `out`; or nullptr, and elements start from `constant`.
//   width to slices: see Run.  out (slices * count): aligned for one element; for four it is faster.
// Grid: x covers ceil(width / 4) threads; y any number of blocks over chunks by fours, z over slices; blocks (x, y, 1).
#define MCNC_EXPAND_SINE(name, Element, groups)                                                                       \
  MCNC_KERNEL name(const int* weights, unsigned stride, unsigned frequency, const int* codes, const float* betas,     \
                   unsigned beta_step, unsigned codes_per_chunk, const float* starts, float constant, unsigned width, \
                   unsigned begin, unsigned count, unsigned chunks, unsigned slice_chunks, unsigned slices,           \
                   void* out) {                                                                                       \
    mcnc::cuda::expand_sine<mcnc::cuda::Element, groups>(weights, stride, frequency, codes,                           \
                                                         {betas, beta_step, codes_per_chunk}, {starts, constant},     \
                                                         {width, begin, count, chunks, slice_chunks, slices}, out);   \
  }

MCNC_EXPAND_SINE(mcnc_expand_sine_f32_1, ElementF32, 1)
MCNC_EXPAND_SINE(mcnc_expand_sine_f32_2, ElementF32, 2)
MCNC_EXPAND_SINE(mcnc_expand_sine_f32_3, ElementF32, 3)
MCNC_EXPAND_SINE(mcnc_expand_sine_f32_4, ElementF32, 4)
MCNC_EXPAND_SINE(mcnc_expand_sine_f16_1, ElementF16, 1)
MCNC_EXPAND_SINE(mcnc_expand_sine_f16_2, ElementF16, 2)
MCNC_EXPAND_SINE(mcnc_expand_sine_f16_3, ElementF16, 3)
MCNC_EXPAND_SINE(mcnc_expand_sine_f16_4, ElementF16, 4)
MCNC_EXPAND_SINE(mcnc_expand_sine_bf16_1, ElementBf16, 1)
MCNC_EXPAND_SINE(mcnc_expand_sine_bf16_2, ElementBf16, 2)
MCNC_EXPAND_SINE(mcnc_expand_sine_bf16_3, ElementBf16, 3)
MCNC_EXPAND_SINE(mcnc_expand_sine_bf16_4, ElementBf16, 4)
#undef MCNC_EXPAND_SINE

#endif  // MCNC_CUDA_KERNELS_EXPAND_SINE_H_
