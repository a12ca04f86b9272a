// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The outputs of a layer of float32 arithmetic, in the order of operations that the format states. CPU definition:
// float_layer() of sdk/src/kernels/scalar_float.cc, and turn_sine() of sdk/src/arithmetic/turn_sine.h, which runs here
// too.
#ifndef MCNC_CUDA_KERNELS_FLOAT_SUMS_H_
#define MCNC_CUDA_KERNELS_FLOAT_SUMS_H_

#include "arithmetic/turn_sine.h"
#include "cuda/kernels/device.h"

namespace mcnc::cuda {

// The operations of turn_sine, each one instruction that rounds once.
struct DeviceFloat {
  __device__ static float add(float a, float b) noexcept { return __fadd_rn(a, b); }
  __device__ static float subtract(float a, float b) noexcept { return __fsub_rn(a, b); }
  __device__ static float multiply(float a, float b) noexcept { return __fmul_rn(a, b); }
  __device__ static float fused(float a, float b, float c) noexcept { return __fmaf_rn(a, b, c); }
};

// A layer, or some columns of one: weights (inputs, stride), stride a multiple of 4, aligned to 16 bytes; bias (stride)
// or nullptr. is_sine: 0 for identity.
struct FloatLayer {
  const float* weights;
  unsigned stride, inputs;
  const float* bias;
  unsigned is_sine;
  float turns;
};

// Where inputs stand: input i of row r is data[i * step + r * row_step].
struct FloatInputs {
  const float* data;
  std::uint64_t step, row_step;
};

// Outputs [column, column + 4) of rows[0] to rows[kRows - 1].
template <unsigned kRows>
__device__ inline void float_outputs(const FloatLayer& layer, unsigned column, const FloatInputs& inputs,
                                     const std::size_t (&rows)[kRows], float (&y)[kRows][kColumns]) {
  const float* x[kRows];
  for (unsigned r = 0; r < kRows; ++r) {
    x[r] = inputs.data + rows[r] * inputs.row_step;
    for (unsigned j = 0; j < kColumns; ++j) y[r][j] = 0.0F;
  }
  const float* weights = layer.weights + column;
  for (unsigned i = 0; i < layer.inputs; ++i, weights += layer.stride) {
    const float4 four = *reinterpret_cast<const float4*>(weights);
    const float w[kColumns] = {four.x, four.y, four.z, four.w};
    for (unsigned r = 0; r < kRows; ++r) {
      const float factor = x[r][i * inputs.step];
      for (unsigned j = 0; j < kColumns; ++j) y[r][j] = __fmaf_rn(w[j], factor, y[r][j]);
    }
  }
  for (unsigned r = 0; r < kRows; ++r) {
    for (unsigned j = 0; j < kColumns; ++j) {
      if (layer.bias != nullptr) y[r][j] = __fadd_rn(y[r][j], layer.bias[column + j]);
      if (layer.is_sine != 0) y[r][j] = turn_sine<DeviceFloat>(__fmul_rn(layer.turns, y[r][j]));
    }
  }
}

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_KERNELS_FLOAT_SUMS_H_
