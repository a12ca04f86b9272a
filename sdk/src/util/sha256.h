// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// SHA-256 (FIPS 180-4). sha256.cc is the only door to OpenSSL; where that is missing, sha256_portable.cc stands in.
#ifndef MCNC_UTIL_SHA256_H_
#define MCNC_UTIL_SHA256_H_

#include <array>
#include <cstddef>
#include <span>

#include "mcnc/digest.h"

namespace mcnc {

class Sha256 {
 public:
  Sha256() noexcept;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::span<const std::byte> bytes) noexcept;
  // The digest of everything since construction or the last finish(); starts anew.
  Digest finish() noexcept;

 private:
  struct State;  // of either implementation
  static constexpr std::size_t kAlignment = 8;

  State& state() noexcept;

  alignas(kAlignment) std::array<std::byte, 128> state_;  // no allocation: hashing cannot fail
};

}  // namespace mcnc

#endif  // MCNC_UTIL_SHA256_H_
