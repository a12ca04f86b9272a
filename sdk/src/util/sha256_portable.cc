// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// SHA-256 for platforms without OpenSSL.

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>

#include "util/big_endian.h"
#include "util/sha256.h"
#include "util/sha256_blocks.h"

namespace mcnc {
namespace {

constexpr std::size_t kLengthSize = 8;  // of the message length, at the end of the last block

}  // namespace

struct Sha256::State {
  std::array<std::uint32_t, 8> hash = kSha256InitialHash;
  std::array<std::byte, kSha256BlockSize> block;
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
    const std::size_t n = std::min(bytes.size(), kSha256BlockSize - s.filled);
    std::ranges::copy(bytes.first(n), s.block.data() + s.filled);
    bytes = bytes.subspan(n);
    s.filled = (s.filled + n) % kSha256BlockSize;
    const std::byte* block = s.block.data();
    if (s.filled == 0) sha256_blocks(s.hash.data(), &block, 1);
  }
}

// Section 5.1.1: a one bit, zeros, and the length in bits fill the last block.
Digest Sha256::finish() noexcept {
  State& s = state();
  constexpr std::array kOneBit = {std::byte{0x80}};
  constexpr std::array<std::byte, kSha256BlockSize> kZeros{};
  std::array<std::byte, kLengthSize> length;
  store_be(length.data(), 8 * s.length);
  update(kOneBit);
  update(std::span(kZeros).first((2 * kSha256BlockSize - kLengthSize - s.filled) % kSha256BlockSize));
  update(length);

  Digest digest;
  for (std::size_t i = 0; i < s.hash.size(); ++i) store_be(digest.data() + 4 * i, s.hash[i]);
  s = {};
  return digest;
}

}  // namespace mcnc
