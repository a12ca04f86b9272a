// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// SHA-256 digests, as the format uses them for bytes of the file, decoded tensors and whole models; also of bytes that
// the caller has. Functions are thread-safe, an object belongs to one thread at a time.
#ifndef MCNC_DIGEST_H_
#define MCNC_DIGEST_H_

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "mcnc/parallel.h"
#include "mcnc/status.h"

namespace mcnc {

using Digest = std::array<std::byte, 32>;

// 64 lower-case hexadecimal digits.
std::string to_hex(const Digest& digest);

// SHA-256 (FIPS 180-4) of `bytes`, as segments and the head of a file have it.
Digest sha256(std::span<const std::byte> bytes) noexcept;

// The digest of a tensor (spec section "tensor digest"): the root of an RFC 6962 Merkle tree over leaves of 64 KiB of
// its bytes, little-endian and row-major, which come in pieces of any size.
class TensorDigest {
 public:
  TensorDigest() noexcept;
  ~TensorDigest();
  TensorDigest(TensorDigest&&) noexcept;  // what was moved from is as new
  TensorDigest& operator=(TensorDigest&&) noexcept;

  // The bytes that follow those of the calls before. Leaves are hashed on the threads of `runner` where there is one.
  // kMemory; the object is as new then.
  Status update(std::span<const std::byte> bytes, ParallelRunner* runner = nullptr) noexcept;
  // The digest of everything since construction or the last finish(); starts anew. kMemory.
  Result<Digest> finish() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The same of bytes that are all there.
Result<Digest> tensor_digest(std::span<const std::byte> bytes, ParallelRunner* runner = nullptr) noexcept;

}  // namespace mcnc

#endif  // MCNC_DIGEST_H_
