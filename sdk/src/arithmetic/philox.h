// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Random numbers as a pure function of position (spec section "random numbers"): Philox4x32-10 of Salmon et al.,
// "Parallel random numbers: as easy as 1, 2, 3", SC'11. Shared with accelerators: no state, no memory.
#ifndef MCNC_ARITHMETIC_PHILOX_H_
#define MCNC_ARITHMETIC_PHILOX_H_

#include <array>
#include <cstdint>

namespace mcnc {

// What the numbers are for; the last word of the counter.
enum class Domain : std::uint32_t {
  kGeneratorWeights = 1,  // stream = index of the layer
  kTheta0 = 2,            // stream = the tensor's stream
  kProbe = 3,             // codes of the fingerprint, stream 0
  kEncoder = 4,           // initial codes; decoders never draw from it
};

using PhiloxBlock = std::array<std::uint32_t, 4>;

constexpr PhiloxBlock philox(PhiloxBlock counter, std::array<std::uint32_t, 2> key) noexcept {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(p1),
               static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(p0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

// One sequence of blocks: (seed, domain, stream).
class RandomStream {
 public:
  constexpr RandomStream(std::uint64_t seed, Domain domain, std::uint32_t stream) noexcept
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        domain_(static_cast<std::uint32_t>(domain)),
        stream_(stream) {}

  constexpr PhiloxBlock block(std::uint64_t index) const noexcept {
    return philox({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), stream_, domain_}, key_);
  }

  // Element `index` as an odd int8, 16 to a block: symmetric, zero mean, never 0.
  constexpr std::int8_t odd_int8(std::uint64_t index) const noexcept {
    const std::uint32_t word = block(index / 16)[index / 4 % 4];
    return static_cast<std::int8_t>(static_cast<std::uint8_t>(word >> (8 * (index % 4))) | 1U);
  }

  // Element `index` as a uniform int16, 8 to a block.
  constexpr std::int16_t int16(std::uint64_t index) const noexcept {
    const std::uint32_t word = block(index / 8)[index / 2 % 4];
    return static_cast<std::int16_t>(static_cast<std::uint16_t>(word >> (16 * (index % 2))));
  }

  // Element `index` as a uniform float32 in [-1, 1), a multiple of 2^-23, 4 to a block.
  constexpr float uniform(std::uint64_t index) const noexcept {
    return static_cast<float>(static_cast<std::int32_t>(block(index / 4)[index % 4]) >> 8) * 0x1p-23F;
  }

 private:
  std::array<std::uint32_t, 2> key_;
  std::uint32_t domain_;
  std::uint32_t stream_;
};

}  // namespace mcnc

#endif  // MCNC_ARITHMETIC_PHILOX_H_
