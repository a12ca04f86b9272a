// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "tensors/leaves.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "util/big_endian.h"
#include "util/sha256.h"
#include "util/sha256_blocks.h"

namespace mcnc {
namespace {

// What is hashed is the prefix and the leaf, one byte more than whole blocks: the first block has the prefix and 63
// bytes of the leaf, the last one has its last byte, and then what ends every message (FIPS 180-4, section 5.1.1).
constexpr std::size_t kFirst = kSha256BlockSize - 1;
constexpr std::size_t kWholeBlocks = kLeafSize / kSha256BlockSize - 1;  // between these two
constexpr std::byte kEnd = std::byte{0x80};
constexpr std::uint64_t kMessageBits = 8 * (1 + std::uint64_t{kLeafSize});

using Block = std::array<std::byte, kSha256BlockSize>;

Block first_block(const std::byte* leaf) {
  Block block;
  block[0] = kLeafPrefix;
  std::copy_n(leaf, kFirst, block.data() + 1);
  return block;
}

Block last_block(const std::byte* leaf) {
  Block block{};
  block[0] = leaf[kLeafSize - 1];
  block[1] = kEnd;
  store_be(block.data() + kSha256BlockSize - sizeof(kMessageBits), kMessageBits);
  return block;
}

// At most kernel.lanes leaves. Lanes without a leaf of their own repeat the last one.
void hash_group(const Sha256Kernel& kernel, const std::byte* leaves, std::span<Digest> hashes) {
  const std::size_t lanes = kernel.lanes;
  std::array<std::uint32_t, kSha256InitialHash.size() * kMaxSha256Lanes> words;
  for (std::size_t i = 0; i < kSha256InitialHash.size(); ++i) {
    std::fill_n(words.data() + i * lanes, lanes, kSha256InitialHash[i]);
  }
  std::array<Block, kMaxSha256Lanes> first, last;
  std::array<const std::byte*, kMaxSha256Lanes> first_blocks, whole_blocks, last_blocks;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const std::byte* leaf = leaves + std::min(lane, hashes.size() - 1) * kLeafSize;
    first[lane] = first_block(leaf);
    last[lane] = last_block(leaf);
    first_blocks[lane] = first[lane].data();
    whole_blocks[lane] = leaf + kFirst;
    last_blocks[lane] = last[lane].data();
  }
  kernel.blocks(words.data(), first_blocks.data(), 1);
  kernel.blocks(words.data(), whole_blocks.data(), kWholeBlocks);
  kernel.blocks(words.data(), last_blocks.data(), 1);
  for (std::size_t lane = 0; lane < hashes.size(); ++lane) {
    for (std::size_t i = 0; i < kSha256InitialHash.size(); ++i) {
      store_be(hashes[lane].data() + i * sizeof(std::uint32_t), words[i * lanes + lane]);
    }
  }
}

// What hashes several leaves faster than OpenSSL does one after the other; nullptr where nothing does.
const Sha256Kernel* faster_kernel(const Kernels& kernels) noexcept {
  // Measured: sixteen lanes are faster than the instructions made for SHA-256 on Zen 5 (4.3 and 3.7 GB/s), hardly
  // slower on Zen 4, which does their operations by halves (3.2 and 3.5); eight, and the four that WebAssembly has, are
  // faster only than none.
  constexpr std::size_t kFasterThanInstructions = 16;
  constexpr std::size_t kFasterThanNone = 4;
  if (kernels.sha256.lanes >= kFasterThanInstructions) return &kernels.sha256;
  if (const Sha256Kernel* instructions = sha256_instructions(); instructions != nullptr) return instructions;
  return kernels.sha256.lanes >= kFasterThanNone ? &kernels.sha256 : nullptr;
}

}  // namespace

std::size_t leaves_at_a_time(const Kernels& kernels) noexcept {
  const Sha256Kernel* kernel = faster_kernel(kernels);
  return kernel != nullptr ? kernel->lanes : 1;
}

void hash_leaves(const Kernels& kernels, std::span<const std::byte> bytes, std::span<Digest> hashes) {
  const Sha256Kernel* kernel = faster_kernel(kernels);
  Sha256 hash;
  for (std::size_t done = 0; done < hashes.size();) {
    // A group costs the same however few of its lanes are in use.
    const std::size_t n = kernel != nullptr ? std::min(kernel->lanes, hashes.size() - done) : 1;
    const std::byte* leaf = bytes.data() + done * kLeafSize;
    if (kernel != nullptr && n >= kernel->lanes / 2) {
      hash_group(*kernel, leaf, hashes.subspan(done, n));
      done += n;
    } else {
      hash.update({&kLeafPrefix, 1});
      hash.update({leaf, kLeafSize});
      hashes[done++] = hash.finish();
    }
  }
}

}  // namespace mcnc
