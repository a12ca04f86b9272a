// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/guarded.h"
#include "kernels/kernels.h"
#ifdef MCNC_EMULATED_SHA256_INSTRUCTIONS
#include "kernels/sha256_emulated.h"
#endif
#include "util/sha256_blocks.h"

namespace mcnc {
namespace {

struct NamedKernel {
  std::string name;
  Sha256Kernel kernel;
};

// Those of the targets, and those of instructions for SHA-256.
std::vector<NamedKernel> kernels() {
  std::vector<NamedKernel> all;
  for (const Kernels* target : supported_kernels()) {
    if (target->sha256.lanes > 0) all.push_back({std::string(target->name), target->sha256});
  }
  if (sha256_instructions() != nullptr) all.push_back({"instructions", *sha256_instructions()});
#ifdef MCNC_EMULATED_SHA256_INSTRUCTIONS
  if (__builtin_cpu_supports("ssse3") != 0) all.push_back({"emulated_instructions", kEmulatedSha256Instructions});
#endif
  return all;
}

class Sha256Kernels : public testing::TestWithParam<NamedKernel> {};

// Every lane has a message of its own, that begins at an odd address and at another distance than its neighbours, and a
// hash of its own to begin with.
TEST_P(Sha256Kernels, Blocks) {
  const auto& [lanes, blocks] = GetParam().kernel;
  ASSERT_LE(lanes, kMaxSha256Lanes);
  for (const std::size_t count : {0U, 1U, 2U, 3U, 4U, 5U, 8U, 11U}) {
    const std::size_t stride = count * kSha256BlockSize + 13;
    std::vector<std::byte> bytes(lanes * stride + 1);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>((i * 7 + i / 251 + count) & 0xFF);
    std::vector<const std::byte*> messages(lanes);
    Guarded<std::uint32_t> hashes(8 * lanes, 4);
    std::vector<std::uint32_t> expected(8 * lanes);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      messages[lane] = bytes.data() + 1 + (lanes - 1 - lane) * stride;
      std::uint32_t hash[8];
      for (std::size_t i = 0; i < 8; ++i) {
        hash[i] = kSha256InitialHash[i] + static_cast<std::uint32_t>(0x01234567 * lane);
        hashes[i * lanes + lane] = hash[i];
      }
      sha256_blocks(hash, &messages[lane], count);
      for (std::size_t i = 0; i < 8; ++i) expected[i * lanes + lane] = hash[i];
    }
    blocks(hashes.data(), messages.data(), count);
    hashes.expect_intact();
    hashes.expect_equal(expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, Sha256Kernels, testing::ValuesIn(kernels()),
                         [](const auto& kernel) { return kernel.param.name; });

}  // namespace
}  // namespace mcnc
