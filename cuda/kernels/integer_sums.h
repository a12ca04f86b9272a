// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The accumulators of a layer of integer arithmetic of any size. CPU definition: integer_sums() of
// sdk/src/kernels/scalar_integer.cc.
//
// A thread makes 16 of them at a time: four adjacent outputs of each of four rows, which IntegerTile says. Inputs of
// int8 are multiplied as matrices, by whole warps; those of int16, which only the codes of a generator can be, by
// __dp2a, by threads that know nothing of each other.
#ifndef MCNC_CUDA_KERNELS_INTEGER_SUMS_H_
#define MCNC_CUDA_KERNELS_INTEGER_SUMS_H_

#include "cuda/kernels/device_sine.h"
#include "cuda/kernels/matrix.h"
#include "cuda/kernels/pack.h"

namespace mcnc::cuda {

inline constexpr unsigned kRows = 4;

// A layer: weights (groups, stride) as mcnc_pack_weights makes them; groups is even, for inputs of int8 a multiple of
// 8, and stride one of 32. frequency: 0 for identity.
struct IntegerLayer {
  const int* weights;
  unsigned stride, groups, frequency;

  // What becomes of an accumulator (sdk/src/arithmetic/activation.h).
  __device__ int activate(int acc) const {
    return frequency == 0 ? acc : device_sine(frequency, static_cast<unsigned>(acc));
  }
};

// Which outputs a thread makes. kWide: inputs are int16.
//   kHeight               rows of a tile, which threads of a grid along y make, one tile below the other
//   in_tiles()            the first column of the tile that the thread works on
//   column()              the thread's first column in that tile
//   row(r)                its row number r in it
//   words_of_row(layer)   words of a row of inputs
//   sums(layer, column, inputs_of, acc)
//                         what the thread makes, mod 2^32, of the tile from `column` of the layer on; inputs_of(i) is
//                         where the inputs of row i of the tile begin
template <bool kWide>
struct IntegerTile;

// Four rows by four columns, a thread's own.
template <>
struct IntegerTile<true> {
  static constexpr unsigned kHeight = kRows;

  __device__ static unsigned in_tiles() { return (blockIdx.x * blockDim.x + threadIdx.x) * kColumns; }
  __device__ static unsigned column() { return 0; }
  __device__ static unsigned row(unsigned r) { return r; }
  __device__ static unsigned words_of_row(const IntegerLayer& layer) { return 2 * layer.groups; }

  template <typename InputsOf>
  __device__ static void sums(const IntegerLayer& layer, unsigned column, const InputsOf& inputs_of,
                              int (&acc)[kRows][kColumns]) {
    const int* x[kRows];
    for (unsigned r = 0; r < kRows; ++r) {
      x[r] = inputs_of(r);
      for (unsigned j = 0; j < kColumns; ++j) acc[r][j] = 0;
    }
    for (unsigned g = 0; g < layer.groups; g += 2) {
      int words[2][kColumns];
      load_weights(layer.weights, layer.stride, g, column, words);
      for (unsigned i = 0; i < 2; ++i) {
        for (unsigned r = 0; r < kRows; ++r) {
          for (unsigned j = 0; j < kColumns; ++j) {
            acc[r][j] = __dp2a_lo(x[r][2 * (g + i)], words[i][j], acc[r][j]);
            acc[r][j] = __dp2a_hi(x[r][2 * (g + i) + 1], words[i][j], acc[r][j]);
          }
        }
      }
    }
  }
};

// 16 rows by 32 columns, a warp's. The weights of outputs are rows of two matrices A, the inputs of rows columns of two
// matrices B. Row i of A number s is column 4 * (i % 8) + 2 * s + i / 8 of the tile, so that a lane has four adjacent
// outputs of a row; of 32 inputs, words 0 and 1 of B, as 0 and 2, and 1 and 3 of A, are the eight from 8 * place on. So
// what a lane takes of an A are 16 bytes as mcnc_pack_weights puts them, and of a B 8 bytes of a row of inputs.
template <>
struct IntegerTile<false> {
  static constexpr unsigned kHeight = 16;

  __device__ static unsigned in_tiles() { return blockIdx.x * blockDim.x + threadIdx.x - lane_of_thread(); }
  __device__ static unsigned column() { return lane_of_thread() / 4 * kColumns; }
  __device__ static unsigned row(unsigned r) { return r / 2 * 8 + lane_of_thread() % 4 * 2 + r % 2; }
  __device__ static unsigned words_of_row(const IntegerLayer& layer) { return layer.groups; }

  template <typename InputsOf>
  __device__ static void sums(const IntegerLayer& layer, unsigned column, const InputsOf& inputs_of,
                              int (&acc)[kRows][kColumns]) {
    for (unsigned r = 0; r < kRows; ++r) {
      for (unsigned j = 0; j < kColumns; ++j) acc[r][j] = 0;
    }
    const std::size_t step = std::size_t{2} * layer.stride;  // eight groups of weights, by fours
    auto parts = of_lanes([&](unsigned lane) {
      const unsigned group = lane % 4 * 2;
      const auto inputs = [&](unsigned i) { return reinterpret_cast<const int2*>(inputs_of(i) + group); };
      return PartsOfLane{fours_of_weights(layer.weights, layer.stride, group, column + lane / 4 * kColumns),
                         {inputs(lane / 4), inputs(lane / 4 + 8)}};
    });
    __syncwarp();
    for (unsigned g = 0; g < layer.groups; g += 8) {
      multiply_add(parts, acc);
      for_each_lane(parts, [&](PartsOfLane& lane) {
        lane.a += step;
        lane.b[0] += 4;
        lane.b[1] += 4;
      });
    }
  }
};

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_KERNELS_INTEGER_SUMS_H_
