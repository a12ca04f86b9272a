// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The functions that OpenSSL 3 calls deprecated: the EVP interface, which it names instead, allocates in every digest,
// and OpenSSL 3.0 crashes where its first digest of a process finds no memory. These take none and cannot fail.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "util/sha256.h"

#include <openssl/sha.h>

#include <new>

namespace mcnc {

struct Sha256::State {
  SHA256_CTX context;
};

Sha256::State& Sha256::state() noexcept { return *std::launder(reinterpret_cast<State*>(state_.data())); }

Sha256::Sha256() noexcept {
  static_assert(sizeof(State) <= sizeof(state_) && alignof(State) <= kAlignment);
  SHA256_Init(&(new (state_.data()) State)->context);
}

void Sha256::update(std::span<const std::byte> bytes) noexcept {
  SHA256_Update(&state().context, bytes.data(), bytes.size());
}

Digest Sha256::finish() noexcept {
  Digest digest;
  SHA256_Final(reinterpret_cast<unsigned char*>(digest.data()), &state().context);
  SHA256_Init(&state().context);
  return digest;
}

}  // namespace mcnc
