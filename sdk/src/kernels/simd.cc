// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// One source, a table each target: on x86 for all that Highway knows, elsewhere for the one of the compiler's options.

#include "kernels/simd.h"

#include "hwy/detect_compiler_arch.h"
#include "kernels/by_activation.h"  // here, where compilers warn
#if !HWY_ARCH_X86
#define HWY_COMPILE_ONLY_STATIC  // the target that the compiler was told of
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
//
#include "hwy/highway.h"

#if HWY_TARGET != HWY_EMU128 && HWY_TARGET != HWY_SCALAR
#include "kernels/convert-inl.h"
#include "kernels/draw-inl.h"
#include "kernels/float-inl.h"
#include "kernels/integer-inl.h"
#include "kernels/sha256-inl.h"
#if HWY_TARGET == HWY_AVX3
#include "kernels/vnni-inl.h"
#endif

namespace mcnc {
namespace HWY_NAMESPACE {

extern constexpr Kernels kTable = {
    .name = std::string_view(HWY_STR(HWY_NAMESPACE)).substr(2),  // without N_
    .activation_size = 2,
    .integer_packed_size = IntegerPackedSize,
    .pack_integer = PackInteger,
    .integer_hidden = IntegerHidden<std::int16_t>,
    .integer_expand = IntegerExpand,
    .streams_elements = StreamsElements,
    .integer_slopes = IntegerSlopes,
    .float_packed_size = FloatPackedSize,
    .pack_float = PackFloat,
    .float_layer = ComputeFloatLayer,
    .add_scaled = AddScaled,
    .draw_int8 = DrawInt8,
    .draw_float = DrawFloat,
    .draw_theta0 = DrawTheta0,
    .narrow = Narrow,
    .finish_streaming = FinishStreaming,
    .widen = Widen,
    .sha256 = {.lanes = kSha256Lanes, .blocks = Sha256Blocks},
};

#if HWY_TARGET == HWY_AVX3
extern constexpr Kernels kVnniTable = [] {
  Kernels table = kTable;
  table.name = "AVX3_VNNI";
  table.activation_size = 1;
  table.streams_elements = vnni::StreamsElements;
  table.integer_packed_size = vnni::IntegerPackedSize;
  table.pack_integer = vnni::PackInteger;
  table.integer_hidden = vnni::IntegerHidden;
  table.integer_expand = vnni::IntegerExpand;
  table.integer_slopes = vnni::IntegerSlopes;
  return table;
}();
#endif

}  // namespace HWY_NAMESPACE
}  // namespace mcnc
#endif

#if HWY_ONCE
#if HWY_ARCH_X86
#include <cpuid.h>
#endif

namespace mcnc {
namespace {

#if HWY_ARCH_X86
bool has_ssse3() noexcept { return __builtin_cpu_supports("ssse3") != 0; }
bool has_sse4() noexcept { return __builtin_cpu_supports("sse4.2") != 0; }
// Compilers' __builtin_cpu_supports do not all know it.
bool has_f16c() noexcept {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
}
bool has_avx2() noexcept {
  return has_sse4() && has_f16c() && __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 &&
         __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0;
}
bool has_avx3() noexcept {
  return has_avx2() && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512bw") != 0;
}
bool has_vnni() noexcept { return has_avx3() && __builtin_cpu_supports("avx512vnni") != 0; }
#elif HWY_STATIC_TARGET != HWY_EMU128 && HWY_STATIC_TARGET != HWY_SCALAR
bool always() noexcept { return true; }
#endif

}  // namespace

std::span<const SimdTarget> simd_targets() noexcept {
#if HWY_ARCH_X86
  static constexpr SimdTarget kTargets[] = {
#if HWY_TARGETS & HWY_AVX3
    {&N_AVX3::kVnniTable, has_vnni},
    {&N_AVX3::kTable, has_avx3},
#endif
#if HWY_TARGETS & HWY_AVX2
    {&N_AVX2::kTable, has_avx2},
#endif
#if HWY_TARGETS & HWY_SSE4
    {&N_SSE4::kTable, has_sse4},
#endif
#if HWY_TARGETS & HWY_SSSE3
    {&N_SSSE3::kTable, has_ssse3},
#endif
  };
  return kTargets;
#elif HWY_STATIC_TARGET != HWY_EMU128 && HWY_STATIC_TARGET != HWY_SCALAR
  static constexpr SimdTarget kTarget = {&HWY_NAMESPACE::kTable, always};
  return {&kTarget, 1};
#else
  return {};
#endif
}

}  // namespace mcnc
#endif
