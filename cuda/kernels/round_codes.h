// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Codes under training, float32, to the numbers that a file stores of them. CPU definition: CodeExpander::State::
// quantize() of sdk/src/encoder/code_expander.cc.
//
// Limits: some hundred instructions for a code, most of them divisions, and a code makes hundreds of weights: it takes
// the time of a launch.
#ifndef MCNC_CUDA_KERNELS_ROUND_CODES_H_
#define MCNC_CUDA_KERNELS_ROUND_CODES_H_

#include "cuda/kernels/element.h"

namespace mcnc::cuda {

// How trained numbers become stored ones: a stored alpha of 1 is alpha_step, a stored beta of 1 is beta_norm, and
// beta_scale, a power of two, is what a decoder multiplies a stored beta by.
struct CodeUnits {
  float alpha_step, beta_norm, beta_scale;
};

// What beta is stored as. The numbers are those of BetaType in sdk/include/mcnc/manifest.h.
enum class StoredBeta : unsigned { kF32, kF16, kBf16 };

__device__ inline bool is_finite(float value) { return (__float_as_uint(value) & 0x7F800000U) != 0x7F800000U; }

__device__ inline float clamp(float value, float most) { return max(min(value, most), -most); }

// What a decoder makes of a beta that was stored. beta: finite.
__device__ inline float rounded_beta(float beta, StoredBeta type, const CodeUnits& units) {
  float stored = clamp(__fdiv_rn(beta, units.beta_norm), 65504.0F);  // of float16, whatever it is stored as
  if (type == StoredBeta::kF16) stored = ElementF16::widened(ElementF16::of(stored));
  if (type == StoredBeta::kBf16) stored = ElementBf16::widened(ElementBf16::of(stored));
  return __fmul_rn(stored, units.beta_scale);
}

// kLargest: of a stored alpha, in magnitude.
template <typename Stored, int kLargest>
__device__ inline void round_codes(const float* alpha, const float* beta, std::uint64_t count, unsigned code_dim,
                                   const CodeUnits& units, StoredBeta type, Stored* stored_alpha, float* decoded_beta) {
  for (std::uint64_t code = thread_of_grid(); code < count; code += threads_of_grid()) {
    bool finite = is_finite(beta[code]);
    for (unsigned i = 0; i < code_dim; ++i) {
      const float number = alpha[code * code_dim + i];
      const bool usable = is_finite(number);
      finite = finite && usable;
      const float steps = usable ? clamp(__fdiv_rn(number, units.alpha_step), kLargest) : 0.0F;
      stored_alpha[i * count + code] = static_cast<Stored>(__float2int_rn(steps));
    }
    decoded_beta[code] = finite ? rounded_beta(beta[code], type, units) : __uint_as_float(0x7FFFFFFFU);
  }
}

}  // namespace mcnc::cuda

// mcnc_round_codes_<bits of a stored alpha>.
//   alpha (count, code_dim), beta (count): of codes, as they are trained. units: see CodeUnits.
//   stored_alpha (code_dim, count): what a file stores. decoded_beta (count): what a decoder adds codes up with; NaN
//     where a number of the code is not finite, so that everything that is made of the code becomes NaN.
//   beta_type: see StoredBeta.
// Grid: any, of one dimension.
#define MCNC_ROUND_CODES(name, Stored, largest)                                                                        \
  MCNC_KERNEL name(const float* alpha, const float* beta, std::uint64_t count, unsigned code_dim, float alpha_step,    \
                   float beta_norm, float beta_scale, unsigned beta_type, Stored* stored_alpha, float* decoded_beta) { \
    mcnc::cuda::round_codes<Stored, largest>(alpha, beta, count, code_dim, {alpha_step, beta_norm, beta_scale},        \
                                             static_cast<mcnc::cuda::StoredBeta>(beta_type), stored_alpha,             \
                                             decoded_beta);                                                            \
  }

MCNC_ROUND_CODES(mcnc_round_codes_8, signed char, 127)
MCNC_ROUND_CODES(mcnc_round_codes_16, short, 32767)
#undef MCNC_ROUND_CODES

#endif  // MCNC_CUDA_KERNELS_ROUND_CODES_H_
