// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Which elements of a tensor the weights of chunks are, and how four of them are read and written. CPU definition:
// Slices of sdk/src/manifest/slices.h and emit() of sdk/src/decoder/emit.cc.
#ifndef MCNC_CUDA_KERNELS_RUN_H_
#define MCNC_CUDA_KERNELS_RUN_H_

#include "cuda/kernels/device.h"

namespace mcnc::cuda {

// `slices` parts of a tensor, of `count` elements each; a part takes the weights [begin, begin + count) of `chunks`
// chunks of `width`, numbered from its first chunk on, and its chunks begin `slice_chunks` chunks after those of the
// part before. Elements of all parts follow each other. The first chunk and the last one have elements, and only these
// two may have weights that are none. begin + count and slices * count are below 2^31.
struct Run {
  unsigned width, begin, count, chunks, slice_chunks, slices;

  // Whether four columns that begin at a multiple of four are four elements at a multiple of four, or none.
  __device__ bool in_fours() const { return ((width | begin | count) & 3U) == 0; }
  // Whether column `column` of chunk `chunk` of a part is one of its elements.
  __device__ bool has(unsigned chunk, unsigned column) const {
    return column < width && chunk * width + column - begin < count;
  }
  // Its place among the elements of all parts.
  __device__ unsigned place(unsigned slice, unsigned chunk, unsigned column) const {
    return slice * count + (chunk * width + column - begin);
  }
  // Which of all chunks from the first one on `chunk` of a part is.
  __device__ std::size_t row(unsigned slice, unsigned chunk) const {
    return static_cast<std::size_t>(slice) * slice_chunks + chunk;
  }
};

// The beta of each code: values[code], or values[0] for all where step is 0. A chunk has codes_per_chunk codes.
struct Betas {
  const float* values;
  unsigned step, codes_per_chunk;

  __device__ float of(std::size_t code) const { return values[code * step]; }
};

// w += beta * g, product and sum each rounded once. CPU definition: add_unfused() of sdk/src/arithmetic/unfused.h.
__device__ inline void add_scaled(float beta, const float (&g)[kColumns], float (&w)[kColumns]) {
  for (unsigned j = 0; j < kColumns; ++j) w[j] = __fadd_rn(w[j], __fmul_rn(beta, g[j]));
}

// What elements start from: starts[place], or `constant` where starts is nullptr.
struct Theta0 {
  const float* starts;
  float constant;
};

// Columns [column, column + 4) of a chunk: what they start from. Columns that are no elements get some finite number.
__device__ inline void load_starts(const Run& run, const Theta0& theta0, unsigned slice, unsigned chunk,
                                   unsigned column, float (&w)[kColumns]) {
  for (unsigned j = 0; j < kColumns; ++j) w[j] = theta0.constant;
  if (theta0.starts == nullptr) return;
  for (unsigned j = 0; j < kColumns; ++j) {
    if (run.has(chunk, column + j)) w[j] = theta0.starts[run.place(slice, chunk, column + j)];
  }
}

// Whether store_four may be used: see Run::in_fours, and `out` must be aligned for four elements.
template <typename Element>
__device__ inline bool stores_fours(const Run& run, const void* out) {
  return run.in_fours() && reinterpret_cast<std::uintptr_t>(out) % sizeof(typename Element::Four) == 0;
}

// Stores columns [column, column + 4) of a chunk, if they are elements; past the caches, since nobody reads them soon.
template <typename Element>
__device__ inline void store_four(const Run& run, unsigned slice, unsigned chunk, unsigned column,
                                  const float (&w)[kColumns], void* out) {
  auto* fours = static_cast<typename Element::Four*>(out);
  if (run.has(chunk, column)) __stcs(fours + run.place(slice, chunk, column) / kColumns, Element::four(w));
}

// Stores those of the columns [column, column + 4) that are elements, of any run.
template <typename Element>
__device__ inline void store_elements(const Run& run, unsigned slice, unsigned chunk, unsigned column,
                                      const float (&w)[kColumns], void* out) {
  if (stores_fours<Element>(run, out)) return store_four<Element>(run, slice, chunk, column, w, out);
  auto* elements = static_cast<typename Element::Stored*>(out);
  for (unsigned j = 0; j < kColumns; ++j) {
    if (run.has(chunk, column + j)) elements[run.place(slice, chunk, column + j)] = Element::of(w[j]);
  }
}

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_KERNELS_RUN_H_
