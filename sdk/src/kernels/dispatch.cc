// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <array>
#include <cstdlib>

#include "kernels/kernels.h"
#include "kernels/scalar.h"
#ifdef MCNC_HAVE_SHA256_INSTRUCTIONS
#include "kernels/sha256_instructions.h"
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#elif defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif
#endif
#ifdef MCNC_HAVE_HIGHWAY
#include "kernels/simd.h"
#endif

namespace mcnc {
namespace {

struct Supported {
  std::array<const Kernels*, 8> kernels{};
  std::size_t count = 0;
};

Supported find_supported() noexcept {
  Supported supported;
#ifdef MCNC_HAVE_HIGHWAY
  for (const SimdTarget& target : simd_targets()) {
    if (target.runs_here()) supported.kernels[supported.count++] = target.kernels;
  }
#endif
  supported.kernels[supported.count++] = &kScalarKernels;
  return supported;
}

#ifdef MCNC_HAVE_SHA256_INSTRUCTIONS
bool processor_has_sha256() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  constexpr unsigned kShaBit = 1U << 29;  // of EBX in leaf 7; compilers' __builtin_cpu_supports do not all know it
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __builtin_cpu_supports("sse4.1") != 0 && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 &&
         (ebx & kShaBit) != 0;
#elif defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_SHA2) != 0;
#elif defined(__APPLE__)
  return true;  // its 64-bit ARM processors have had them from the first
#else
  return false;  // there is no way to ask that we know of
#endif
}
#endif

}  // namespace

std::span<const Kernels* const> supported_kernels() noexcept {
  static const Supported supported = find_supported();
  return std::span(supported.kernels).first(supported.count);
}

const Kernels* find_kernels(std::string_view name) noexcept {
  for (const Kernels* kernels : supported_kernels()) {
    if (name.empty() || kernels->name == name) return kernels;
  }
  return nullptr;
}

const Sha256Kernel* sha256_instructions() noexcept {
#ifdef MCNC_HAVE_SHA256_INSTRUCTIONS
  static const bool runs_here = processor_has_sha256();
  return runs_here ? &kSha256Instructions : nullptr;
#else
  return nullptr;
#endif
}

const Kernels& default_kernels() noexcept {
  static const Kernels& chosen = [&]() -> const Kernels& {
    const char* name = std::getenv("MCNC_TARGET");
    const Kernels* kernels = find_kernels(name == nullptr ? "" : name);
    return kernels != nullptr ? *kernels : *supported_kernels().front();
  }();
  return chosen;
}

}  // namespace mcnc
