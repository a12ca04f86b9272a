// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// SHA-256 from the text of FIPS 180-4, whose sections the comments name.

#include "util/sha256_blocks.h"

#include <array>
#include <bit>
#include <span>

namespace mcnc {
namespace {

// Section 6.2.2, steps 1 to 4, with the functions of section 4.1.2 written out.
void add_block(std::span<std::uint32_t, 8> hash, const std::byte* block) noexcept {
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

  std::uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4], f = hash[5], g = hash[6], h = hash[7];
  for (std::size_t t = 0; t < 64; ++t) {
    const std::uint32_t sum1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const std::uint32_t sum0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const std::uint32_t choice = (e & f) ^ (~e & g);
    const std::uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
    const std::uint32_t t1 = h + sum1 + choice + kSha256Constants[t] + schedule[t];
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
  const std::array working = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < hash.size(); ++i) hash[i] += working[i];
}

}  // namespace

void sha256_blocks(std::uint32_t* hash, const std::byte* const* message, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    add_block(std::span<std::uint32_t, 8>(hash, 8), *message + i * kSha256BlockSize);
  }
}

}  // namespace mcnc
