// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The random numbers of arithmetic/philox.h, vectors across blocks: per target, see simd.cc.
#if defined(MCNC_KERNELS_DRAW_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MCNC_KERNELS_DRAW_INL_H_
#undef MCNC_KERNELS_DRAW_INL_H_
#else
#define MCNC_KERNELS_DRAW_INL_H_
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "arithmetic/philox.h"
#include "hwy/highway.h"
#include "kernels/opaque-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mcnc {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using DrawTag = hn::CappedTag<float, 16>;
using DrawWordTag = hn::RebindToUnsigned<DrawTag>;
using DrawWideTag = hn::RepartitionToWide<DrawWordTag>;
using DrawByteTag = hn::Repartition<std::uint8_t, DrawWordTag>;
using DrawWide = hn::Vec<DrawWideTag>;

constexpr std::size_t kBlockBytes = sizeof(PhiloxBlock);
// Blocks are drawn so many at a time, a multiple of what vectors hold, and read with one vector more.
constexpr std::size_t kDrawnBytes = 2048;
struct Drawn {
  alignas(64) std::uint8_t bytes[kDrawnBytes + 64];
};

struct DrawSequence {
  std::uint64_t seed;
  Domain domain;
  std::uint32_t stream;
};

// Each lane holds one Philox block, and each of four vectors one of the four words of every block. A lane has 64 bits,
// of which the lower 32 are the word, because that is what multiplication of 32 by 32 bits takes.
HWY_INLINE void PhiloxRound(DrawWide k0, DrawWide k1, DrawWide& c0, DrawWide& c1, DrawWide& c2, DrawWide& c3) {
  const DrawWordTag dw;
  const DrawWide p0 = hn::MulEven(hn::BitCast(dw, c0), hn::Set(dw, 0xD2511F53U));
  const DrawWide p1 = hn::MulEven(hn::BitCast(dw, c2), hn::Set(dw, 0xCD9E8D57U));
#if HWY_TARGET <= HWY_AVX3
  c0 = hn::Xor3(hn::ShiftRight<32>(p1), c1, k0);
  c2 = hn::Xor3(hn::ShiftRight<32>(p0), c3, k1);
#else
  c0 = hn::Xor(hn::ShiftRight<32>(p1), Opaque(hn::Xor(c1, k0)));  // c1 and k0 are known before p1 is
  c2 = hn::Xor(hn::ShiftRight<32>(p0), Opaque(hn::Xor(c3, k1)));
#endif
  c1 = p1;
  c3 = p0;
}

// Words to the bytes of blocks: first those of even lanes, then those of odd lanes.
HWY_INLINE void StoreInterleaved(DrawWide c0, DrawWide c1, DrawWide c2, DrawWide c3, std::uint8_t* bytes) {
  const DrawWideTag d;
  const DrawWordTag dw;
  const DrawByteTag db;
  const auto low = hn::BitCast(d, hn::OddEven(hn::BitCast(dw, hn::ShiftLeft<32>(c1)), hn::BitCast(dw, c0)));
  const auto high = hn::BitCast(d, hn::OddEven(hn::BitCast(dw, hn::ShiftLeft<32>(c3)), hn::BitCast(dw, c2)));
  hn::Store(hn::BitCast(db, hn::InterleaveLower(d, low, high)), db, bytes);
  hn::Store(hn::BitCast(db, hn::InterleaveUpper(d, low, high)), db, bytes + hn::Lanes(db));
}

struct PhiloxKeys {
  explicit PhiloxKeys(std::uint64_t seed) {
    auto k0 = static_cast<std::uint32_t>(seed);
    auto k1 = static_cast<std::uint32_t>(seed >> 32);
    for (auto& round : rounds) {
      round[0] = k0;
      round[1] = k1;
      k0 += 0x9E3779B9U;
      k1 += 0xBB67AE85U;
    }
  }
  std::uint64_t rounds[10][2];  // in memory: more than there are registers for
};

// Some vectors of blocks side by side: a round waits for the one before. index: their first words.
template <class... Vectors>
HWY_INLINE void DrawVectors(const PhiloxKeys& keys, DrawWide stream, DrawWide domain, std::uint8_t* bytes,
                            Vectors... index) {
  const DrawWideTag d;
  const auto with_second = [&](auto... second) HWY_ATTR {
    const auto with_third = [&](auto... third) HWY_ATTR {
      const auto with_fourth = [&](auto... fourth) HWY_ATTR {
        for (const auto& key : keys.rounds) {
          const DrawWide key0 = hn::Set(d, key[0]);
          const DrawWide key1 = hn::Set(d, key[1]);
          (PhiloxRound(key0, key1, index, second, third, fourth), ...);
        }
        ((StoreInterleaved(index, second, third, fourth, bytes), bytes += hn::Lanes(d) * kBlockBytes), ...);
      };
      with_fourth((static_cast<void>(third), domain)...);
    };
    with_third((static_cast<void>(second), stream)...);
  };
  with_second(hn::ShiftRight<32>(index)...);
}

// The blocks from `first` on, in the order of their elements: n bytes, at most kDrawnBytes, and maybe more.
HWY_NOINLINE inline void DrawBlocks(const DrawSequence& sequence, std::uint64_t first, std::size_t n, Drawn& drawn) {
  const DrawWideTag d;
  const std::size_t lanes = hn::Lanes(d);
  const PhiloxKeys keys(sequence.seed);
  // Even lanes hold the first half of the blocks and odd lanes the second: interleaved, each half is in order.
  const DrawWide lane = hn::Iota(d, 0);
  const DrawWide odd = hn::And(lane, hn::Set(d, 1));
  const DrawWide half = hn::And(hn::Sub(hn::Zero(d), odd), hn::Set(d, lanes / 2));
  const DrawWide offsets = hn::Add(hn::ShiftRight<1>(lane), half);
  const DrawWide stream = hn::Set(d, sequence.stream);
  const DrawWide domain = hn::Set(d, static_cast<std::uint32_t>(sequence.domain));
  const auto index = [&](std::uint64_t block) HWY_ATTR { return hn::Add(hn::Set(d, first + block), offsets); };
  constexpr std::size_t kVectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;
  for (std::size_t block = 0; block * kBlockBytes < n; block += kVectors * lanes) {
    std::uint8_t* const bytes = drawn.bytes + block * kBlockBytes;
    if constexpr (kVectors == 4) {
      DrawVectors(keys, stream, domain, bytes, index(block), index(block + lanes), index(block + 2 * lanes),
                  index(block + 3 * lanes));
    } else {
      DrawVectors(keys, stream, domain, bytes, index(block), index(block + lanes));
    }
  }
}

// Numbers from vectors of their bytes, factor times: what the three kinds of numbers have of their own.
struct OddInt8s {
  using Number = std::int8_t;
  static constexpr std::size_t kSize = 1;
  static HWY_INLINE std::size_t Lanes() { return hn::Lanes(DrawByteTag()); }
  HWY_INLINE void Convert(const std::uint8_t* bytes, std::int8_t* out) const {
    const DrawByteTag d;
    const hn::RebindToSigned<DrawByteTag> di;
    hn::StoreU(hn::BitCast(di, hn::Or(hn::LoadU(d, bytes), hn::Set(d, 1))), di, out);
  }
};

struct Uniforms {
  using Number = float;
  static constexpr std::size_t kSize = 4;
  float scale;
  static HWY_INLINE std::size_t Lanes() { return hn::Lanes(DrawTag()); }
  HWY_INLINE void Convert(const std::uint8_t* bytes, float* out) const {
    const DrawTag d;
    const hn::RebindToSigned<DrawTag> di;
    const auto word = hn::BitCast(di, hn::LoadU(DrawByteTag(), bytes));
    const auto uniform = hn::Mul(hn::ConvertTo(d, hn::ShiftRight<8>(word)), hn::Set(d, 0x1p-23F));
    hn::StoreU(hn::Mul(uniform, hn::Set(d, scale)), d, out);
  }
};

struct Int16s {
  using Number = float;
  static constexpr std::size_t kSize = 2;
  float scale;
  static HWY_INLINE std::size_t Lanes() { return hn::Lanes(DrawTag()); }
  HWY_INLINE void Convert(const std::uint8_t* bytes, float* out) const {
    const DrawTag d;
    const hn::RebindToSigned<DrawTag> di;
    const hn::Rebind<std::int16_t, DrawTag> d16;
    const hn::Repartition<std::uint8_t, decltype(d16)> db;
    const auto number = hn::PromoteTo(di, hn::BitCast(d16, hn::LoadU(db, bytes)));
    hn::StoreU(hn::Mul(hn::ConvertTo(d, number), hn::Set(d, scale)), d, out);
  }
};

// Numbers [first, first + n) of one sequence.
template <class Kind>
HWY_INLINE void Draw(const DrawSequence& sequence, const Kind& kind, std::uint64_t first, std::size_t n,
                     typename Kind::Number* out) {
  constexpr std::size_t kPerBlock = kBlockBytes / Kind::kSize;
  Drawn drawn;
  std::uint64_t block = first / kPerBlock;
  auto skipped = static_cast<std::size_t>(first % kPerBlock);
  while (n > 0) {
    const std::size_t count = HWY_MIN(n, kDrawnBytes / Kind::kSize - skipped);
    DrawBlocks(sequence, block, (skipped + count) * Kind::kSize, drawn);
    const std::uint8_t* bytes = drawn.bytes + skipped * Kind::kSize;
    const std::size_t lanes = Kind::Lanes();
    std::size_t e = 0;
    for (; e + lanes <= count; e += lanes) kind.Convert(bytes + e * Kind::kSize, out + e);
    if (e < count) {
      typename Kind::Number rest[64];
      kind.Convert(bytes + e * Kind::kSize, rest);
      std::memcpy(out + e, rest, (count - e) * sizeof(rest[0]));
    }
    block += kDrawnBytes / kBlockBytes;
    skipped = 0;
    out += count;
    n -= count;
  }
}

inline void DrawInt8(std::uint64_t seed, std::uint32_t stream, std::size_t n, std::int8_t* out) {
  Draw(DrawSequence{seed, Domain::kGeneratorWeights, stream}, OddInt8s{}, 0, n, out);
}

inline void DrawFloat(std::uint64_t seed, std::uint32_t stream, float scale, std::size_t n, float* out) {
  Draw(DrawSequence{seed, Domain::kGeneratorWeights, stream}, Uniforms{scale}, 0, n, out);
}

inline void DrawTheta0(std::uint64_t seed, std::uint32_t stream, float scale, std::uint64_t first, std::size_t n,
                       float* out) {
  Draw(DrawSequence{seed, Domain::kTheta0, stream}, Int16s{scale}, first, n, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace mcnc
HWY_AFTER_NAMESPACE();

#endif  // MCNC_KERNELS_DRAW_INL_H_
