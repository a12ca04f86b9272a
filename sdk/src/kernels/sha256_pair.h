// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// SHA-256 (FIPS 180-4) of two messages by instructions that do several of its steps. An instruction waits for the one
// before it of the same message; those of the other message fill the time.
#ifndef MCNC_KERNELS_SHA256_PAIR_H_
#define MCNC_KERNELS_SHA256_PAIR_H_

#include <cstddef>
#include <cstdint>

#include "util/sha256_blocks.h"

namespace mcnc {

inline constexpr std::size_t kSha256PairLanes = 2;

// Sha256Kernel::blocks of two lanes. Instructions has
//   State                        the eight variables of one message
//   Words                        four words of a schedule
//   load(words), store(state, words)  from and to eight words in order, a to h
//   add(state, state)            variable by variable
//   message_words(bytes)         16 bytes of a message, which is big-endian
//   plus(words, constants)       four words plus four constants
//   four_rounds(state, words)    section 6.2.2, step 3, four times; words with the constants added
//   next_words(w0, w1, w2, w3)   the four words of the schedule that follow these sixteen (step 1)
template <class Instructions>
inline void sha256_pair(std::uint32_t* hashes, const std::byte* const* messages, std::size_t count) {
  using State = typename Instructions::State;
  using Words = typename Instructions::Words;
  constexpr std::size_t kLanes = kSha256PairLanes;
  State hash[kLanes];
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    std::uint32_t words[8];
    for (std::size_t i = 0; i < 8; ++i) words[i] = hashes[i * kLanes + lane];
    hash[lane] = Instructions::load(words);
  }
  for (std::size_t block = 0; block < count; ++block) {
    State state[kLanes] = {hash[0], hash[1]};
    Words words[kLanes][4];
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::byte* bytes = messages[lane] + block * kSha256BlockSize;
      for (std::size_t i = 0; i < 4; ++i) words[lane][i] = Instructions::message_words(bytes + 16 * i);
    }
    for (std::size_t t = 0; t < 64; t += 16) {
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) {
#pragma GCC unroll 2
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
          Words* w = words[lane];
          Instructions::four_rounds(state[lane], Instructions::plus(w[i], kSha256Constants + t + 4 * i));
          if (t < 48) w[i] = Instructions::next_words(w[i], w[(i + 1) % 4], w[(i + 2) % 4], w[(i + 3) % 4]);
        }
      }
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) hash[lane] = Instructions::add(hash[lane], state[lane]);
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    std::uint32_t words[8];
    Instructions::store(hash[lane], words);
    for (std::size_t i = 0; i < 8; ++i) hashes[i * kLanes + lane] = words[i];
  }
}

}  // namespace mcnc

#endif  // MCNC_KERNELS_SHA256_PAIR_H_
