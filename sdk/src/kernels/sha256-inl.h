// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// SHA-256 (FIPS 180-4) of several messages side by side: per target, see simd.cc. The rounds of one message wait for
// each other, so a message gains nothing from vectors; independent messages, such as the leaves of a tensor's digest,
// take one lane each:
//
//   a vector of state:     a of message 0 | a of message 1 | a of message 2 | ...
//   a vector of schedule:  word t of message 0 | word t of message 1 | ...
#if defined(MCNC_KERNELS_SHA256_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MCNC_KERNELS_SHA256_INL_H_
#undef MCNC_KERNELS_SHA256_INL_H_
#else
#define MCNC_KERNELS_SHA256_INL_H_
#endif

#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"
#include "util/sha256_blocks.h"
#if HWY_TARGET == HWY_AVX3
#include <immintrin.h>
#endif

HWY_BEFORE_NAMESPACE();
namespace mcnc {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Four lanes are no faster than OpenSSL's code for one message, so that this is for wider vectors only, and for
// WebAssembly, where there is no OpenSSL.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_WASM

using ShaTag = hn::CappedTag<std::uint32_t, 16>;
using ShaWord = hn::Vec<ShaTag>;
constexpr std::size_t kSha256Lanes = HWY_MAX_BYTES / sizeof(std::uint32_t);

// Section 4.1.2. On AVX-512 each is one or two instructions of three operands.
HWY_INLINE ShaWord Xor3(ShaWord x, ShaWord y, ShaWord z) {
#if HWY_TARGET == HWY_AVX3
  return hn::Xor3(x, y, z);
#else
  return hn::Xor(x, hn::Xor(y, z));
#endif
}
HWY_INLINE ShaWord Choice(ShaWord e, ShaWord f, ShaWord g) {
#if HWY_TARGET == HWY_AVX3
  return hn::IfVecThenElse(e, f, g);
#else
  return hn::Xor(g, hn::And(e, hn::Xor(f, g)));
#endif
}
// b_xor_c: what the step before left there. It becomes a ^ b, which is what the next step calls b ^ c.
HWY_INLINE ShaWord Majority(ShaWord a, ShaWord b, ShaWord c, ShaWord& b_xor_c) {
#if HWY_TARGET == HWY_AVX3
  return ShaWord{_mm512_ternarylogic_epi32(a.raw, b.raw, c.raw, 0xE8)};
#else
  const ShaWord a_xor_b = hn::Xor(a, b);
  const ShaWord differs = hn::And(a_xor_b, b_xor_c);
  b_xor_c = a_xor_b;
  return hn::Xor(b, differs);
#endif
}
HWY_INLINE ShaWord LargeSigma0(ShaWord x) {
  return Xor3(hn::RotateRight<2>(x), hn::RotateRight<13>(x), hn::RotateRight<22>(x));
}
HWY_INLINE ShaWord LargeSigma1(ShaWord x) {
  return Xor3(hn::RotateRight<6>(x), hn::RotateRight<11>(x), hn::RotateRight<25>(x));
}
HWY_INLINE ShaWord SmallSigma0(ShaWord x) {
  return Xor3(hn::RotateRight<7>(x), hn::RotateRight<18>(x), hn::ShiftRight<3>(x));
}
HWY_INLINE ShaWord SmallSigma1(ShaWord x) {
  return Xor3(hn::RotateRight<17>(x), hn::RotateRight<19>(x), hn::ShiftRight<10>(x));
}

// A step of section 6.2.2, step 3. Instead of moving all eight variables one place on, it writes the new a where h was
// and the new e where d was; the next step names its arguments one place on. input: the word of the schedule plus the
// constant of the round.
HWY_INLINE void Round(ShaWord input, ShaWord a, ShaWord b, ShaWord c, ShaWord& d, ShaWord e, ShaWord f, ShaWord g,
                      ShaWord& h, ShaWord& b_xor_c) {
  const ShaWord t1 = hn::Add(hn::Add(h, input), hn::Add(LargeSigma1(e), Choice(e, f, g)));
  d = hn::Add(d, t1);
  h = hn::Add(t1, hn::Add(LargeSigma0(a), Majority(a, b, c, b_xor_c)));
}

// 16 bytes of each of as many messages as `d` has blocks of 16 bytes, every fourth message from the first on.
template <class D>
HWY_INLINE hn::Vec<D> LoadEveryFourth(D d, const std::byte* const* messages, std::size_t at) {
  if constexpr (sizeof(hn::Vec<D>) == 16) {
    return hn::BitCast(
        d, hn::LoadU(hn::Repartition<std::uint8_t, D>(), reinterpret_cast<const std::uint8_t*>(messages[0] + at)));
  } else {
    const hn::Half<D> half;
    constexpr std::size_t kMessages = sizeof(hn::Vec<D>) / 16 * 4;
    return hn::Combine(d, LoadEveryFourth(half, messages + kMessages / 2, at), LoadEveryFourth(half, messages, at));
  }
}

HWY_INLINE ShaWord ReverseBytes(ShaWord x) {
#if HWY_TARGET == HWY_WASM
  // Highway looks bytes up one by one there.
  return ShaWord{wasm_i8x16_shuffle(x.raw, x.raw, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)};
#else
  const hn::Repartition<std::uint8_t, ShaTag> bytes;
  alignas(16) static constexpr std::uint8_t kOrder[16] = {3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12};
  return hn::BitCast(ShaTag(), hn::TableLookupBytes(hn::BitCast(bytes, x), hn::LoadDup128(bytes, kOrder)));
#endif
}

// The 16 words of a block of each message, big-endian in memory, transposed: words[t] has word t of each. Four words of
// four messages are a square within 16 bytes times four vectors; block b of a vector holds messages 4 b to 4 b + 3.
HWY_INLINE void LoadTransposed(const std::byte* const* messages, std::size_t at, ShaWord* words) {
  const ShaTag d;
  const hn::Repartition<std::uint64_t, ShaTag> wide;
  HWY_UNROLL(4)
  for (std::size_t t = 0; t < 16; t += 4) {
    const std::size_t from = at + 4 * t;
    const ShaWord m0 = ReverseBytes(LoadEveryFourth(d, messages + 0, from));
    const ShaWord m1 = ReverseBytes(LoadEveryFourth(d, messages + 1, from));
    const ShaWord m2 = ReverseBytes(LoadEveryFourth(d, messages + 2, from));
    const ShaWord m3 = ReverseBytes(LoadEveryFourth(d, messages + 3, from));
    const auto low01 = hn::BitCast(wide, hn::InterleaveLower(d, m0, m1));   // words 0 and 1 of m0 and m1
    const auto high01 = hn::BitCast(wide, hn::InterleaveUpper(d, m0, m1));  // words 2 and 3
    const auto low23 = hn::BitCast(wide, hn::InterleaveLower(d, m2, m3));
    const auto high23 = hn::BitCast(wide, hn::InterleaveUpper(d, m2, m3));
    words[t + 0] = hn::BitCast(d, hn::InterleaveLower(wide, low01, low23));
    words[t + 1] = hn::BitCast(d, hn::InterleaveUpper(wide, low01, low23));
    words[t + 2] = hn::BitCast(d, hn::InterleaveLower(wide, high01, high23));
    words[t + 3] = hn::BitCast(d, hn::InterleaveUpper(wide, high01, high23));
  }
}

// Kernels::sha256_blocks.
HWY_NOINLINE inline void Sha256Blocks(std::uint32_t* hashes, const std::byte* const* messages, std::size_t count) {
  const ShaTag lanes;
  ShaWord hash[8];
  for (std::size_t i = 0; i < 8; ++i) hash[i] = hn::LoadU(lanes, hashes + i * kSha256Lanes);
  for (std::size_t block = 0; block < count; ++block) {
    ShaWord words[16];
    LoadTransposed(messages, block * kSha256BlockSize, words);
    ShaWord a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4], f = hash[5], g = hash[6], h = hash[7];
    ShaWord b_xor_c = hn::Xor(b, c);
    // Four times sixteen rounds; between them sixteen new words of the schedule, each in the place of the oldest.
    for (const std::uint32_t* constants = kSha256Constants;; constants += 16) {
      const auto input = [&](std::size_t t) HWY_ATTR { return hn::Add(words[t], hn::Set(lanes, constants[t])); };
      Round(input(0), a, b, c, d, e, f, g, h, b_xor_c);
      Round(input(1), h, a, b, c, d, e, f, g, b_xor_c);
      Round(input(2), g, h, a, b, c, d, e, f, b_xor_c);
      Round(input(3), f, g, h, a, b, c, d, e, b_xor_c);
      Round(input(4), e, f, g, h, a, b, c, d, b_xor_c);
      Round(input(5), d, e, f, g, h, a, b, c, b_xor_c);
      Round(input(6), c, d, e, f, g, h, a, b, b_xor_c);
      Round(input(7), b, c, d, e, f, g, h, a, b_xor_c);
      Round(input(8), a, b, c, d, e, f, g, h, b_xor_c);
      Round(input(9), h, a, b, c, d, e, f, g, b_xor_c);
      Round(input(10), g, h, a, b, c, d, e, f, b_xor_c);
      Round(input(11), f, g, h, a, b, c, d, e, b_xor_c);
      Round(input(12), e, f, g, h, a, b, c, d, b_xor_c);
      Round(input(13), d, e, f, g, h, a, b, c, b_xor_c);
      Round(input(14), c, d, e, f, g, h, a, b, b_xor_c);
      Round(input(15), b, c, d, e, f, g, h, a, b_xor_c);
      if (constants == kSha256Constants + 48) break;
      HWY_UNROLL(16)
      for (std::size_t t = 0; t < 16; ++t) {
        words[t] = hn::Add(hn::Add(words[t], SmallSigma0(words[(t + 1) % 16])),
                           hn::Add(words[(t + 9) % 16], SmallSigma1(words[(t + 14) % 16])));
      }
    }
    const ShaWord working[8] = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) hash[i] = hn::Add(hash[i], working[i]);
  }
  for (std::size_t i = 0; i < 8; ++i) hn::StoreU(hash[i], lanes, hashes + i * kSha256Lanes);
}

#else

constexpr std::size_t kSha256Lanes = 0;
constexpr void (*Sha256Blocks)(std::uint32_t*, const std::byte* const*, std::size_t) = nullptr;

#endif

}  // namespace HWY_NAMESPACE
}  // namespace mcnc
HWY_AFTER_NAMESPACE();

#endif  // include guard
