// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// SHA-256 (FIPS 180-4); the only door to OpenSSL.
#ifndef MCNC_CONTAINER_SHA256_H_
#define MCNC_CONTAINER_SHA256_H_

#include <cstddef>
#include <span>

#include "mcnc/manifest.h"

struct evp_md_ctx_st;

namespace mcnc {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::span<const std::byte> bytes);
  // The digest of everything since construction or the last finish(); starts anew.
  Digest finish();

 private:
  evp_md_ctx_st* context_;
};

Digest sha256(std::span<const std::byte> bytes);

}  // namespace mcnc

#endif  // MCNC_CONTAINER_SHA256_H_
