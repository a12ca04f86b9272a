// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The leaves of a tensor's digest, SHA-256 of a zero byte and 64 KiB of the tensor, a thread for each. CPU definitions:
// hash_leaves() of sdk/src/tensors/leaves.cc and sha256_blocks() of sdk/src/util/sha256_blocks.cc.
//
// Limits (see cuda/FIGURES.md; none was measured): 91 instructions for four bytes, nearly all of them for the one pipe
// of a multiprocessor that shifts and combines bits, of 64 lanes. So instructions are the limit: an H100 could hash
// 0.7 TB/s, an RTX 4090 0.9, a Jetson Orin 0.06. That is with enough leaves: a GiB has 16,384 of them, four warps for
// each multiprocessor of an H100.
#ifndef MCNC_CUDA_KERNELS_SHA256_H_
#define MCNC_CUDA_KERNELS_SHA256_H_

#include <utility>

#include "cuda/kernels/device.h"
#include "util/sha256_blocks.h"

namespace mcnc::cuda {

inline constexpr unsigned kLeafBytes = 65536;

struct Sha256 {
  unsigned hash[8] = {kSha256InitialHash[0], kSha256InitialHash[1], kSha256InitialHash[2], kSha256InitialHash[3],
                      kSha256InitialHash[4], kSha256InitialHash[5], kSha256InitialHash[6], kSha256InitialHash[7]};

  // Adds a block (FIPS 180-4, section 6.2.2). The schedule is a window of sixteen words, which stays in registers
  // because every index is known when the kernel is compiled; so are the constants.
  __device__ void add(unsigned (&schedule)[16]) {
    unsigned s[8];
    for (unsigned i = 0; i < 8; ++i) s[i] = hash[i];
    add_rounds(s, schedule, std::make_index_sequence<64>());
    for (unsigned i = 0; i < 8; ++i) hash[i] += s[i];
  }

 private:
  // The 32 bits right of `bits` of value, value: a rotation.
  __device__ static unsigned rotated(unsigned value, unsigned bits) { return value >> bits | value << (32 - bits); }

  template <std::size_t... kRounds>
  __device__ static void add_rounds(unsigned (&s)[8], unsigned (&schedule)[16], std::index_sequence<kRounds...>) {
    (add_round<kRounds>(s, schedule), ...);
  }

  // s: the working variables a to h.
  template <std::size_t kRound>
  __device__ static void add_round(unsigned (&s)[8], unsigned (&schedule)[16]) {
    constexpr unsigned kConstant = kSha256Constants[kRound];
    unsigned& word = schedule[kRound % 16];
    if constexpr (kRound >= 16) {
      const unsigned x = schedule[(kRound - 2) % 16];
      const unsigned y = schedule[(kRound - 15) % 16];
      word += (rotated(x, 17) ^ rotated(x, 19) ^ x >> 10) + schedule[(kRound - 7) % 16] +
              (rotated(y, 7) ^ rotated(y, 18) ^ y >> 3);
    }
    const unsigned sum1 = rotated(s[4], 6) ^ rotated(s[4], 11) ^ rotated(s[4], 25);
    const unsigned sum0 = rotated(s[0], 2) ^ rotated(s[0], 13) ^ rotated(s[0], 22);
    const unsigned choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
    const unsigned majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
    const unsigned t1 = s[7] + sum1 + choice + kConstant + word;
    for (unsigned i = 7; i > 0; --i) s[i] = s[i - 1];
    s[4] += t1;
    s[0] = t1 + sum0 + majority;
  }
};

__device__ inline unsigned bytes_reversed(unsigned word) { return __byte_perm(word, 0, 0x0123); }

// The hash of a zero byte and `length` bytes, at least one, aligned to 16 bytes.
__device__ inline void hash_leaf(const unsigned char* bytes, unsigned length, unsigned* hash) {
  Sha256 sha;
  unsigned schedule[16];
  unsigned before = 0;  // the last four bytes; of the zero byte, as if three others stood before it
  unsigned done = 0;    // bytes of the leaf; the message is one ahead
  for (; length - done >= kSha256BlockSize; done += kSha256BlockSize) {
    const auto* fours = reinterpret_cast<const uint4*>(bytes + done);
    for (unsigned i = 0; i < 4; ++i) {
      const uint4 four = fours[i];
      const unsigned words[4] = {four.x, four.y, four.z, four.w};
      for (unsigned w = 0; w < 4; ++w) {
        const unsigned word = bytes_reversed(words[w]);
        schedule[4 * i + w] = before << 24 | word >> 8;
        before = word;
      }
    }
    sha.add(schedule);
  }
  // What is left of the message: a byte, and fewer than 64 others; then a one bit, zeros, and the length in bits.
  const unsigned left = length - done + 1;
  const unsigned blocks = left + 9 > kSha256BlockSize ? 2 : 1;
  for (unsigned block = 0; block < blocks; ++block) {
    for (unsigned w = 0; w < 16; ++w) {
      unsigned word = 0;
      for (unsigned b = 0; b < 4; ++b) {
        const unsigned at = 64 * block + 4 * w + b;
        const unsigned byte = at == 0     ? before & 0xFFU
                              : at < left ? bytes[done + at - 1]
                                          : static_cast<unsigned>(at == left) << 7;
        word = word << 8 | byte;
      }
      schedule[w] = word;
    }
    if (block + 1 == blocks) schedule[15] = 8 * (length + 1);
    sha.add(schedule);
  }
  for (unsigned i = 0; i < 8; ++i) hash[i] = bytes_reversed(sha.hash[i]);
}

}  // namespace mcnc::cuda

// hashes (ceil(count / 65536), 8): the hash of each leaf of `count` bytes, as 32 bytes. bytes: aligned to 16.
// Grid: any, of one dimension.
MCNC_KERNEL mcnc_hash_leaves(const unsigned char* bytes, std::uint64_t count, unsigned* hashes) {
  const std::uint64_t leaves = (count + mcnc::cuda::kLeafBytes - 1) / mcnc::cuda::kLeafBytes;
  for (std::uint64_t leaf = mcnc::cuda::thread_of_grid(); leaf < leaves; leaf += mcnc::cuda::threads_of_grid()) {
    const std::uint64_t left = count - leaf * mcnc::cuda::kLeafBytes;
    mcnc::cuda::hash_leaf(bytes + leaf * mcnc::cuda::kLeafBytes,
                          left < mcnc::cuda::kLeafBytes ? static_cast<unsigned>(left) : mcnc::cuda::kLeafBytes,
                          hashes + 8 * leaf);
  }
}

#endif  // MCNC_CUDA_KERNELS_SHA256_H_
