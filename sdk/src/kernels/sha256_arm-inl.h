// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What sha256_pair() asks for, by the SHA2 instructions of 64-bit ARM.
#ifndef MCNC_KERNELS_SHA256_ARM_INL_H_
#define MCNC_KERNELS_SHA256_ARM_INL_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

namespace mcnc {

struct ArmSha256 {
  using Words = uint32x4_t;  // the first word lowest
  struct State {
    uint32x4_t abcd;  // a lowest
    uint32x4_t efgh;
  };

  static State load(const std::uint32_t* words) { return {vld1q_u32(words), vld1q_u32(words + 4)}; }

  static void store(const State& state, std::uint32_t* words) {
    vst1q_u32(words, state.abcd);
    vst1q_u32(words + 4, state.efgh);
  }

  static State add(const State& x, const State& y) { return {vaddq_u32(x.abcd, y.abcd), vaddq_u32(x.efgh, y.efgh)}; }

  static Words message_words(const std::byte* bytes) {
    return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(reinterpret_cast<const std::uint8_t*>(bytes))));
  }

  static Words plus(Words words, const std::uint32_t* constants) { return vaddq_u32(words, vld1q_u32(constants)); }

  static void four_rounds(State& state, Words words) {
    const uint32x4_t abcd = state.abcd;
    state.abcd = vsha256hq_u32(abcd, state.efgh, words);
    state.efgh = vsha256h2q_u32(state.efgh, abcd, words);
  }

  static Words next_words(Words w0, Words w1, Words w2, Words w3) {
    return vsha256su1q_u32(vsha256su0q_u32(w0, w1), w2, w3);
  }
};

}  // namespace mcnc

#endif  // MCNC_KERNELS_SHA256_ARM_INL_H_
