// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Chunks of a generator of integer arithmetic that is one sine layer with int8 codes: codes to elements of a tensor in
// one step. CPU definition: integer_expand() of sdk/src/kernels/scalar_integer.cc, then narrow() of scalar_convert.cc.
//
// A thread makes four outputs of one chunk after the other. Their weights stay in registers, four to a word, so that a
// code of k numbers costs ceil(k / 4) instructions an output; k is at most 16, for larger codes see expand_integer.h.
//
// Limits (see cuda/FIGURES.md; none was measured): a float32 weight of a code of nine numbers takes 26 instructions on
// sm_90, 6.4 for a byte, so that memory is the limit on an H100, an RTX 4090 and a Jetson Orin. Elements of 16 bits
// take 14 to 16 for a byte: instructions are the limit on an H100 (at 0.7 of its memory) and on an Orin (0.9), memory
// on a 4090. Codes come from the caches.
#ifndef MCNC_CUDA_KERNELS_EXPAND_SINE_H_
#define MCNC_CUDA_KERNELS_EXPAND_SINE_H_

#include "cuda/kernels/device_sine.h"
#include "cuda/kernels/element.h"
#include "cuda/kernels/run.h"

namespace mcnc::cuda {

// The weights of four outputs: word (g, j) is inputs 4g to 4g + 3 of output j.
template <int kGroups>
struct FourOutputs {
  int words[kGroups][kColumns];

  __device__ void load(const int* __restrict__ weights, unsigned stride, unsigned column) {
    for (int g = 0; g < kGroups; ++g) {
      const int4 four = *reinterpret_cast<const int4*>(weights + static_cast<std::size_t>(g) * stride + column);
      words[g][0] = four.x;
      words[g][1] = four.y;
      words[g][2] = four.z;
      words[g][3] = four.w;
    }
  }

  // w += beta * phi(code).
  __device__ void add(unsigned frequency, const int* __restrict__ code, float beta, float (&w)[kColumns]) const {
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

// kGroups: ceil(k / 4).
template <typename Element, int kGroups>
__device__ inline void expand_sine(const int* __restrict__ weights, unsigned stride, unsigned frequency,
                                   const int* __restrict__ codes, const Betas& betas, const Theta0& theta0,
                                   const Run& run, void* out) {
  const unsigned column = (blockIdx.x * blockDim.x + threadIdx.x) * kColumns;
  if (column >= run.width) return;
  FourOutputs<kGroups> phi;
  phi.load(weights, stride, column);
  const unsigned first_chunk = blockIdx.y * blockDim.y + threadIdx.y;
  const unsigned step = gridDim.y * blockDim.y;

  // The usual case has a loop of its own, with nothing in it that does not change from chunk to chunk.
  if (betas.codes_per_chunk == 1 && run.slices == 1 && theta0.starts == nullptr && stores_fours<Element>(run, out)) {
    for (unsigned chunk = first_chunk; chunk < run.chunks; chunk += step) {
      float w[kColumns] = {theta0.constant, theta0.constant, theta0.constant, theta0.constant};
      phi.add(frequency, codes + static_cast<std::size_t>(chunk) * kGroups, betas.of(chunk), w);
      store_four<Element>(run, 0, chunk, column, w, out);
    }
    return;
  }
  for (unsigned slice = blockIdx.z; slice < run.slices; slice += gridDim.z) {
    for (unsigned chunk = first_chunk; chunk < run.chunks; chunk += step) {
      float w[kColumns];
      load_starts(run, theta0, slice, chunk, column, w);
      const std::size_t first = run.row(slice, chunk) * betas.codes_per_chunk;
      for (std::size_t code = first; code < first + betas.codes_per_chunk; ++code) {
        phi.add(frequency, codes + code * kGroups, betas.of(code), w);
      }
      store_elements<Element>(run, slice, chunk, column, w, out);
    }
  }
}

}  // namespace mcnc::cuda

// mcnc_expand_sine_<element type>_<groups>.
//   weights (groups, stride): word (g, j) is the weights of inputs 4g to 4g + 3 for output j, the first in the lowest
//     byte, zeros for inputs past k. stride: a multiple of 4, at least the width; aligned to 16 bytes.
//   codes (rows * codes_per_chunk, groups): words of four numbers of a code, the first in the lowest byte, zeros past
//   k;
//     rows = (slices - 1) * slice_chunks + chunks.
//   betas (rows * codes_per_chunk) with beta_step 1, or (1) with beta_step 0.
//   starts: float32 (slices * count), may be `out`; or nullptr, and elements start from `constant`.
//   width to slices: see Run.  out (slices * count): aligned for one element; for four it is faster.
// Grid: x covers ceil(width / 4) threads; y any number of blocks over chunks, z over slices. Blocks: (x, y, 1).
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
