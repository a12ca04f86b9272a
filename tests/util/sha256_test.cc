// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "util/sha256.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace mcnc {
namespace {

std::string hex_of(std::string_view message) { return to_hex(sha256(std::as_bytes(std::span(message)))); }

// The examples that NIST publishes with FIPS 180-4, and the empty message.
TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(hex_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex_of(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Message n is n bytes n, n + 7, n + 14, ... mod 256, in two pieces; the digests of all, hashed, are one number that
// another implementation computed.
TEST(Sha256, EveryLengthAroundTheBlocks) {
  Sha256 all;
  Sha256 hash;  // used again and again: finish() must start anew
  for (std::size_t n = 0; n < 300; ++n) {
    std::vector<std::byte> message(n);
    for (std::size_t i = 0; i < n; ++i) message[i] = static_cast<std::byte>(static_cast<unsigned char>(7 * i + n));
    hash.update(std::span(message).first(n / 3));
    hash.update(std::span(message).subspan(n / 3));
    all.update(hash.finish());
  }
  EXPECT_EQ(to_hex(all.finish()), "d5238871a46ac4a1a75ac3fb19d645b0b3b9e5f35f5f720e2b240d605c6b694e");
}

}  // namespace
}  // namespace mcnc
