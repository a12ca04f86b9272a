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

#include <algorithm>
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

// Sixteen steps, t to t + 15 with constants[0] that of step t, and, in between, the word of the schedule that each took
// replaced by the one sixteen later (section 6.2.2, step 1): rotations, which have one unit of the processor, and
// additions, which have more, then keep both busy. kLast: no words come after these.
template <bool kLast>
HWY_INLINE void SixteenRounds(const std::uint32_t* constants, ShaWord* words, ShaWord* state, ShaWord& b_xor_c) {
  HWY_UNROLL(16)
  for (std::size_t t = 0; t < 16; ++t) {
    const auto variable = [&](std::size_t place) HWY_ATTR -> ShaWord& { return state[(place + 16 - t) % 8]; };
    Round(hn::Add(words[t], hn::Set(ShaTag(), constants[t])), variable(0), variable(1), variable(2), variable(3),
          variable(4), variable(5), variable(6), variable(7), b_xor_c);
    if constexpr (!kLast) {
      words[t] = hn::Add(hn::Add(words[t], SmallSigma0(words[(t + 1) % 16])),
                         hn::Add(words[(t + 9) % 16], SmallSigma1(words[(t + 14) % 16])));
    }
  }
}

// Leaves of a tensor lie 64 KiB apart, so that the same place in each falls into the same few lines of a cache. Those
// do not hold sixteen messages, and a few blocks of each are copied side by side first. Of fewer messages the blocks
// are read where they are.
constexpr std::size_t kStagedBlocks = kSha256Lanes > 8 ? 4 : 0;
class MessageBlocks {
 public:
  explicit MessageBlocks(const std::byte* const* messages) : messages_(messages) {}

  // Makes block `block` of each message, of `count`, the one that the words are loaded from.
  HWY_INLINE void Next(std::size_t block, std::size_t count) {
    if constexpr (kStagedBlocks == 0) {
      at_ = block * kSha256BlockSize;
    } else {
      at_ = block % kStagedBlocks * kSha256BlockSize;
      if (at_ == 0) Stage(block, std::min(kStagedBlocks, count - block));
    }
  }

  // 16 bytes of each of as many messages as `d` has blocks of 16 bytes, every fourth message from `first` on; `byte`:
  // of the block.
  template <class D>
  HWY_INLINE hn::Vec<D> LoadEveryFourth(D d, std::size_t first, std::size_t byte) const {
    if constexpr (sizeof(hn::Vec<D>) == 16) {
      const std::byte* block = kStagedBlocks == 0 ? messages_[first] : staged_ + first * kPitch;
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(block + at_ + byte);
      return hn::BitCast(d, hn::LoadU(hn::Repartition<std::uint8_t, D>(), bytes));
    } else {
      const hn::Half<D> half;
      constexpr std::size_t kMessages = sizeof(hn::Vec<D>) / 16 * 4;
      return hn::Combine(d, LoadEveryFourth(half, first + kMessages / 2, byte), LoadEveryFourth(half, first, byte));
    }
  }

 private:
  static constexpr std::size_t kPitch = kStagedBlocks * kSha256BlockSize + 64;  // spreads messages over a cache

  HWY_INLINE void Stage(std::size_t block, std::size_t count) {
    for (std::size_t lane = 0; lane < kSha256Lanes; ++lane) {
      const std::byte* from = messages_[lane] + block * kSha256BlockSize;
      std::byte* to = staged_ + lane * kPitch;
      if (count == kStagedBlocks) {
        hwy::CopyBytes<kStagedBlocks * kSha256BlockSize>(from, to);
      } else {
        for (std::size_t i = 0; i < count; ++i) {
          hwy::CopyBytes<kSha256BlockSize>(from + i * kSha256BlockSize, to + i * kSha256BlockSize);
        }
      }
    }
  }

  const std::byte* const* messages_;
  std::size_t at_ = 0;
  alignas(64) std::byte staged_[kStagedBlocks == 0 ? 1 : kSha256Lanes * kPitch];
};

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
HWY_INLINE void LoadTransposed(const MessageBlocks& blocks, ShaWord* words) {
  const ShaTag d;
  const hn::Repartition<std::uint64_t, ShaTag> wide;
  HWY_UNROLL(4)
  for (std::size_t t = 0; t < 16; t += 4) {
    const ShaWord m0 = ReverseBytes(blocks.LoadEveryFourth(d, 0, 4 * t));
    const ShaWord m1 = ReverseBytes(blocks.LoadEveryFourth(d, 1, 4 * t));
    const ShaWord m2 = ReverseBytes(blocks.LoadEveryFourth(d, 2, 4 * t));
    const ShaWord m3 = ReverseBytes(blocks.LoadEveryFourth(d, 3, 4 * t));
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

// Sha256Kernel::blocks.
HWY_NOINLINE inline void Sha256Blocks(std::uint32_t* hashes, const std::byte* const* messages, std::size_t count) {
  const ShaTag lanes;
  ShaWord hash[8];
  for (std::size_t i = 0; i < 8; ++i) hash[i] = hn::LoadU(lanes, hashes + i * kSha256Lanes);
  MessageBlocks blocks(messages);
  for (std::size_t block = 0; block < count; ++block) {
    blocks.Next(block, count);
    ShaWord words[16];
    LoadTransposed(blocks, words);
    ShaWord state[8];
    for (std::size_t i = 0; i < 8; ++i) state[i] = hash[i];
    ShaWord b_xor_c = hn::Xor(state[1], state[2]);
    const std::uint32_t* constants = kSha256Constants;
    for (; constants != kSha256Constants + 48; constants += 16) {
      SixteenRounds<false>(constants, words, state, b_xor_c);
    }
    SixteenRounds<true>(constants, words, state, b_xor_c);
    for (std::size_t i = 0; i < 8; ++i) hash[i] = hn::Add(hash[i], state[i]);
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
