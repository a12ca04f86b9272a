// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Compiled for processors that have the instructions. Nothing here may be a function that other sources share: the
// linker could take this one's.

#include "kernels/sha256_instructions.h"

#include "kernels/sha256_pair.h"
#if defined(__aarch64__)
#include "kernels/sha256_arm-inl.h"
#else
#include "kernels/sha256_x86-inl.h"
#endif

namespace mcnc {
namespace {

#if defined(__aarch64__)
using Instructions = ArmSha256;
#else
// Of SHA-NI.
struct ShaNi {
  static __m128i rounds2(__m128i cdgh, __m128i abef, __m128i words) { return _mm_sha256rnds2_epu32(cdgh, abef, words); }
  static __m128i message1(__m128i w0, __m128i w1) { return _mm_sha256msg1_epu32(w0, w1); }
  static __m128i message2(__m128i w, __m128i w3) { return _mm_sha256msg2_epu32(w, w3); }
};
using Instructions = X86Sha256<ShaNi>;
#endif

void blocks(std::uint32_t* hashes, const std::byte* const* messages, std::size_t count) {
  sha256_pair<Instructions>(hashes, messages, count);
}

}  // namespace

const Sha256Kernel kSha256Instructions = {.lanes = kSha256PairLanes, .blocks = blocks};

}  // namespace mcnc
