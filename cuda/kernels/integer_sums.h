// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The accumulators of a layer of integer arithmetic of any size. CPU definition: integer_sums() of
// sdk/src/kernels/scalar_integer.cc.
#ifndef MCNC_CUDA_KERNELS_INTEGER_SUMS_H_
#define MCNC_CUDA_KERNELS_INTEGER_SUMS_H_

#include "cuda/kernels/device_sine.h"

namespace mcnc::cuda {

// Rows of inputs that a thread works on at a time: they share what is loaded of the weights.
inline constexpr unsigned kRows = 4;

// A layer: weights (groups, stride) as mcnc_pack_weights makes them. frequency: 0 for identity.
struct IntegerLayer {
  const int* weights;
  unsigned stride, groups, frequency;

  // What becomes of an accumulator (sdk/src/arithmetic/activation.h).
  __device__ int activate(int acc) const {
    return frequency == 0 ? acc : device_sine(frequency, static_cast<unsigned>(acc));
  }
};

// Words of a row of inputs: int8 take one a group, int16 two.
template <bool kWide>
__device__ inline unsigned words_of(const IntegerLayer& layer) {
  return kWide ? 2 * layer.groups : layer.groups;
}

// Outputs [column, column + 4) of the rows of inputs that begin at x[0] to x[kRows - 1], mod 2^32. kWide: inputs are
// int16.
template <bool kWide>
__device__ inline void integer_sums(const IntegerLayer& layer, unsigned column, const int* const (&x)[kRows],
                                    int (&acc)[kRows][kColumns]) {
  for (unsigned r = 0; r < kRows; ++r) {
    for (unsigned j = 0; j < kColumns; ++j) acc[r][j] = 0;
  }
  for (unsigned g = 0; g < layer.groups; ++g) {
    const int4 four =
        *reinterpret_cast<const int4*>(layer.weights + static_cast<std::size_t>(g) * layer.stride + column);
    const int words[kColumns] = {four.x, four.y, four.z, four.w};
    for (unsigned r = 0; r < kRows; ++r) {
      for (unsigned j = 0; j < kColumns; ++j) {
        if constexpr (kWide) {
          acc[r][j] = __dp2a_lo(x[r][2 * g], words[j], acc[r][j]);
          acc[r][j] = __dp2a_hi(x[r][2 * g + 1], words[j], acc[r][j]);
        } else {
          acc[r][j] = __dp4a(words[j], x[r][g], acc[r][j]);
        }
      }
    }
  }
}

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_KERNELS_INTEGER_SUMS_H_
