// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// SHA-256 from the text of FIPS 180-4, for platforms without OpenSSL.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <new>

#include "container/sha256.h"

namespace mcnc {
namespace {

constexpr std::size_t kBlockSize = 64;
constexpr std::size_t kLengthSize = 8;  // of the message length, at the end of the last block

using Hash = std::array<std::uint32_t, 8>;

// Section 5.3.3.
constexpr Hash kInitialHash = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// Section 4.2.2.
constexpr std::array<std::uint32_t, 64> kConstants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

template <std::unsigned_integral T>
constexpr void store_be(std::byte* bytes, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[i] = static_cast<std::byte>(static_cast<unsigned char>(value >> (8 * (sizeof(T) - 1 - i))));
  }
}

// Section 6.2.2, steps 1 to 4, with the functions of section 4.1.2 written out.
void add_block(Hash& hash, const std::byte* block) noexcept {
  std::array<std::uint32_t, 64> schedule;
  for (std::size_t t = 0; t < 16; ++t) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 4; ++i) word = word << 8 | std::to_integer<std::uint32_t>(block[4 * t + i]);
    schedule[t] = word;
  }
  for (std::size_t t = 16; t < 64; ++t) {
    const std::uint32_t x = schedule[t - 2];
    const std::uint32_t y = schedule[t - 15];
    const std::uint32_t sigma1 = std::rotr(x, 17) ^ std::rotr(x, 19) ^ x >> 10;
    const std::uint32_t sigma0 = std::rotr(y, 7) ^ std::rotr(y, 18) ^ y >> 3;
    schedule[t] = sigma1 + schedule[t - 7] + sigma0 + schedule[t - 16];
  }

  auto [a, b, c, d, e, f, g, h] = hash;
  for (std::size_t t = 0; t < 64; ++t) {
    const std::uint32_t sum1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const std::uint32_t sum0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const std::uint32_t choice = (e & f) ^ (~e & g);
    const std::uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
    const std::uint32_t t1 = h + sum1 + choice + kConstants[t] + schedule[t];
    const std::uint32_t t2 = sum0 + majority;
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const Hash working = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < hash.size(); ++i) hash[i] += working[i];
}

}  // namespace

struct Sha256::State {
  Hash hash = kInitialHash;
  std::array<std::byte, kBlockSize> block;
  std::size_t filled = 0;    // bytes of `block`, fewer than all
  std::uint64_t length = 0;  // of the message so far, in bytes
};

Sha256::State& Sha256::state() noexcept { return *std::launder(reinterpret_cast<State*>(state_.data())); }

Sha256::Sha256() noexcept {
  static_assert(sizeof(State) <= sizeof(state_) && alignof(State) <= kAlignment);
  new (state_.data()) State;
}

void Sha256::update(std::span<const std::byte> bytes) noexcept {
  State& s = state();
  s.length += bytes.size();
  while (!bytes.empty()) {
    const std::size_t n = std::min(bytes.size(), kBlockSize - s.filled);
    std::ranges::copy(bytes.first(n), s.block.data() + s.filled);
    bytes = bytes.subspan(n);
    s.filled = (s.filled + n) % kBlockSize;
    if (s.filled == 0) add_block(s.hash, s.block.data());
  }
}

// Section 5.1.1: a one bit, zeros, and the length in bits fill the last block.
Digest Sha256::finish() noexcept {
  State& s = state();
  constexpr std::array kOneBit = {std::byte{0x80}};
  constexpr std::array<std::byte, kBlockSize> kZeros{};
  std::array<std::byte, kLengthSize> length;
  store_be(length.data(), 8 * s.length);
  update(kOneBit);
  update(std::span(kZeros).first((2 * kBlockSize - kLengthSize - s.filled) % kBlockSize));
  update(length);

  Digest digest;
  for (std::size_t i = 0; i < s.hash.size(); ++i) store_be(digest.data() + 4 * i, s.hash[i]);
  s = {};
  return digest;
}

}  // namespace mcnc
