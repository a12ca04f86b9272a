// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Where decoded tensors go.
#ifndef MCNC_SINK_H_
#define MCNC_SINK_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

class Sink {
 public:
  virtual ~Sink() = default;
  // The bytes of `tensor` from byte `offset` on, little-endian, row-major. Pieces of a tensor come in order and
  // tensors in manifest order, from one thread. An error ends the decode and is handed to its caller. Must not throw.
  virtual Status write(const Tensor& tensor, std::uint64_t offset, std::span<const std::byte> bytes) noexcept = 0;
};

}  // namespace mcnc

#endif  // MCNC_SINK_H_
