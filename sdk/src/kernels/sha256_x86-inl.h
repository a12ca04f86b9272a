// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What sha256_pair() asks for, by x86's instructions. Needs SSSE3; the three instructions of SHA-NI are a parameter, so
// that a test can put their definitions (Intel's Software Developer's Manual, volume 2) in their place.
#ifndef MCNC_KERNELS_SHA256_X86_INL_H_
#define MCNC_KERNELS_SHA256_X86_INL_H_

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace mcnc {

// ShaNi has rounds2 (SHA256RNDS2), message1 (SHA256MSG1) and message2 (SHA256MSG2).
template <class ShaNi>
struct X86Sha256 {
  using Words = __m128i;  // the first word lowest
  struct State {
    __m128i abef;  // a highest
    __m128i cdgh;
  };

  static State load(const std::uint32_t* words) {
    const auto* w = reinterpret_cast<const int*>(words);
    return {_mm_set_epi32(w[0], w[1], w[4], w[5]), _mm_set_epi32(w[2], w[3], w[6], w[7])};
  }

  static void store(const State& state, std::uint32_t* words) {
    std::uint32_t feba[4];
    std::uint32_t hgdc[4];
    _mm_storeu_si128(reinterpret_cast<__m128i*>(feba), state.abef);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(hgdc), state.cdgh);
    for (std::size_t i = 0; i < 2; ++i) {
      words[i] = feba[3 - i];
      words[4 + i] = feba[1 - i];
      words[2 + i] = hgdc[3 - i];
      words[6 + i] = hgdc[1 - i];
    }
  }

  static State add(const State& x, const State& y) {
    return {_mm_add_epi32(x.abef, y.abef), _mm_add_epi32(x.cdgh, y.cdgh)};
  }

  static Words message_words(const std::byte* bytes) {
    const __m128i reversed = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);  // bytes of each word
    return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)), reversed);
  }

  static Words plus(Words words, const std::uint32_t* constants) {
    return _mm_add_epi32(words, _mm_loadu_si128(reinterpret_cast<const __m128i*>(constants)));
  }

  // An instruction does two rounds by the two lowest words. What it writes over c, d, g and h are the new a, b, e and
  // f; the old a, b, e and f are then c, d, g and h.
  static void four_rounds(State& state, Words words) {
    state.cdgh = ShaNi::rounds2(state.cdgh, state.abef, words);
    state.abef = ShaNi::rounds2(state.abef, state.cdgh, _mm_shuffle_epi32(words, 0x0E));
  }

  static Words next_words(Words w0, Words w1, Words w2, Words w3) {
    const __m128i seven_before = _mm_alignr_epi8(w3, w2, 4);
    return ShaNi::message2(_mm_add_epi32(ShaNi::message1(w0, w1), seven_before), w3);
  }
};

}  // namespace mcnc

#endif  // MCNC_KERNELS_SHA256_X86_INL_H_
