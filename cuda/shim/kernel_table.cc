// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The only file that compiles the kernels for the host.

#include "cuda/shim/kernel_table.h"

#include "cuda/kernels/draw.h"
#include "cuda/kernels/expand_float.h"
#include "cuda/kernels/expand_integer.h"
#include "cuda/kernels/expand_sine.h"
#include "cuda/kernels/float_layer.h"
#include "cuda/kernels/gradient_layer.h"
#include "cuda/kernels/gradient_sine.h"
#include "cuda/kernels/integer_layer.h"
#include "cuda/kernels/pack.h"
#include "cuda/kernels/round_codes.h"
#include "cuda/kernels/sha256.h"
#include "cuda/kernels/unit_norm.h"
#include "cuda/kernels/widen.h"
#include "cuda/shim/run_kernel.h"

namespace mcnc::cuda {
namespace {

template <auto kKernel>
bool run(const Grid& grid, Order order, std::span<const Argument> arguments) {
  return run_kernel(kKernel, grid, order, arguments);
}

// The sizes of a kernel's parameters.
template <typename Kernel>
struct Parameters;
template <typename... Types>
struct Parameters<void (*)(Types...)> {
  static constexpr std::size_t kSizes[] = {sizeof(Types)...};
};

#define MCNC_ENTRY(kernel) \
  { #kernel, run < &kernel>, Parameters < decltype(&kernel)> ::kSizes }
constexpr KernelEntry kTable[] = {
    MCNC_ENTRY(mcnc_divide),
    MCNC_ENTRY(mcnc_draw_float),
    MCNC_ENTRY(mcnc_draw_int8),
    MCNC_ENTRY(mcnc_draw_theta0),
    MCNC_ENTRY(mcnc_expand_float_bf16),
    MCNC_ENTRY(mcnc_expand_float_f16),
    MCNC_ENTRY(mcnc_expand_float_f32),
    MCNC_ENTRY(mcnc_expand_integer_bf16_16),
    MCNC_ENTRY(mcnc_expand_integer_bf16_8),
    MCNC_ENTRY(mcnc_expand_integer_f16_16),
    MCNC_ENTRY(mcnc_expand_integer_f16_8),
    MCNC_ENTRY(mcnc_expand_integer_f32_16),
    MCNC_ENTRY(mcnc_expand_integer_f32_8),
    MCNC_ENTRY(mcnc_expand_rows_bf16),
    MCNC_ENTRY(mcnc_expand_rows_f16),
    MCNC_ENTRY(mcnc_expand_rows_f32),
    MCNC_ENTRY(mcnc_expand_sine_bf16_1),
    MCNC_ENTRY(mcnc_expand_sine_bf16_2),
    MCNC_ENTRY(mcnc_expand_sine_bf16_3),
    MCNC_ENTRY(mcnc_expand_sine_bf16_4),
    MCNC_ENTRY(mcnc_expand_sine_f16_1),
    MCNC_ENTRY(mcnc_expand_sine_f16_2),
    MCNC_ENTRY(mcnc_expand_sine_f16_3),
    MCNC_ENTRY(mcnc_expand_sine_f16_4),
    MCNC_ENTRY(mcnc_expand_sine_f32_1),
    MCNC_ENTRY(mcnc_expand_sine_f32_2),
    MCNC_ENTRY(mcnc_expand_sine_f32_3),
    MCNC_ENTRY(mcnc_expand_sine_f32_4),
    MCNC_ENTRY(mcnc_find_large),
    MCNC_ENTRY(mcnc_float_layer),
    MCNC_ENTRY(mcnc_gradient_back),
    MCNC_ENTRY(mcnc_gradient_layer_16),
    MCNC_ENTRY(mcnc_gradient_layer_8),
    MCNC_ENTRY(mcnc_gradient_sine_1),
    MCNC_ENTRY(mcnc_gradient_sine_2),
    MCNC_ENTRY(mcnc_gradient_sine_3),
    MCNC_ENTRY(mcnc_gradient_sine_4),
    MCNC_ENTRY(mcnc_gradient_sums),
    MCNC_ENTRY(mcnc_hash_leaves),
    MCNC_ENTRY(mcnc_integer_hidden_16),
    MCNC_ENTRY(mcnc_integer_hidden_8),
    MCNC_ENTRY(mcnc_integer_outputs),
    MCNC_ENTRY(mcnc_norm_sums),
    MCNC_ENTRY(mcnc_norms),
    MCNC_ENTRY(mcnc_pack_codes_16),
    MCNC_ENTRY(mcnc_pack_codes_8),
    MCNC_ENTRY(mcnc_pack_weights),
    MCNC_ENTRY(mcnc_round_codes_16),
    MCNC_ENTRY(mcnc_round_codes_8),
    MCNC_ENTRY(mcnc_widen_bf16),
    MCNC_ENTRY(mcnc_widen_f16),
    MCNC_ENTRY(mcnc_widen_f32),
};
#undef MCNC_ENTRY

}  // namespace

std::span<const KernelEntry> kernel_table() noexcept { return kTable; }

}  // namespace mcnc::cuda
