// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/digest.h"

#include <string_view>

#include "util/sha256.h"

namespace mcnc {

std::string to_hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const std::byte b : digest) {
    hex += kDigits[static_cast<std::size_t>(b >> 4)];
    hex += kDigits[static_cast<std::size_t>(b & std::byte{15})];
  }
  return hex;
}

Digest sha256(std::span<const std::byte> bytes) noexcept {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

}  // namespace mcnc
