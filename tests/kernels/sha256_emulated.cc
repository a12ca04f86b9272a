// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/sha256_emulated.h"

#include "kernels/sha256_pair.h"
#include "kernels/sha256_x86-inl.h"

namespace mcnc {
namespace {

std::uint32_t rotated(std::uint32_t x, int bits) { return x >> bits | x << (32 - bits); }
std::uint32_t sum0(std::uint32_t x) { return rotated(x, 2) ^ rotated(x, 13) ^ rotated(x, 22); }
std::uint32_t sum1(std::uint32_t x) { return rotated(x, 6) ^ rotated(x, 11) ^ rotated(x, 25); }
std::uint32_t sigma0(std::uint32_t x) { return rotated(x, 7) ^ rotated(x, 18) ^ x >> 3; }
std::uint32_t sigma1(std::uint32_t x) { return rotated(x, 17) ^ rotated(x, 19) ^ x >> 10; }

// Of a register: the lowest word first.
struct FourWords {
  explicit FourWords(__m128i x) { _mm_storeu_si128(reinterpret_cast<__m128i*>(at), x); }
  __m128i vector() const { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }

  std::uint32_t at[4];
};

// Named as in the manual's operation sections.
struct Emulated {
  // SHA256RNDS2
  static __m128i rounds2(__m128i source1, __m128i source2, __m128i xmm0) {
    const FourWords s1(source1);
    const FourWords s2(source2);
    const FourWords wk(xmm0);
    std::uint32_t a = s2.at[3], b = s2.at[2], c = s1.at[3], d = s1.at[2];
    std::uint32_t e = s2.at[1], f = s2.at[0], g = s1.at[1], h = s1.at[0];
    for (int i = 0; i < 2; ++i) {
      const std::uint32_t t1 = ((e & f) ^ (~e & g)) + sum1(e) + wk.at[i] + h;
      const std::uint32_t t2 = ((a & b) ^ (a & c) ^ (b & c)) + sum0(a);
      h = g;
      g = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + t2;
    }
    return _mm_set_epi32(static_cast<int>(a), static_cast<int>(b), static_cast<int>(e), static_cast<int>(f));
  }

  // SHA256MSG1
  static __m128i message1(__m128i source1, __m128i source2) {
    FourWords w(source1);
    const std::uint32_t w4 = FourWords(source2).at[0];
    for (int i = 0; i < 4; ++i) w.at[i] += sigma0(i < 3 ? w.at[i + 1] : w4);
    return w.vector();
  }

  // SHA256MSG2
  static __m128i message2(__m128i source1, __m128i source2) {
    FourWords w(source1);
    const FourWords before(source2);  // w14 and w15 are its upper half
    for (int i = 0; i < 4; ++i) w.at[i] += sigma1(i < 2 ? before.at[2 + i] : w.at[i - 2]);
    return w.vector();
  }
};

}  // namespace

const Sha256Kernel kEmulatedSha256Instructions = {.lanes = kSha256PairLanes,
                                                  .blocks = sha256_pair<X86Sha256<Emulated>>};

}  // namespace mcnc
