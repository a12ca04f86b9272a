// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Tensors made in other memory than the host's, such as a GPU's: what a Decoder needs of an accelerator. The decoder's
// own code does without one; who has an accelerator hands it to DecoderOptions::accelerator. The bits are the same.
#ifndef MCNC_ACCELERATOR_H_
#define MCNC_ACCELERATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "mcnc/digest.h"
#include "mcnc/status.h"

namespace mcnc {

class Parts;  // what the tensors of a file are made of, in memory; sdk/src/model/parts.h

// The tensors of one open file. For one thread at a time. Errors are those of Decoder::decode_range, and kDevice.
class TensorMaker {
 public:
  virtual ~TensorMaker() = default;

  // Makes elements [first, first + count) of tensor `tensor`, which exist. Their bytes are copied to `out` unless that
  // is empty. leaves: nullptr, or the hashes of the leaves of these bytes, as a tensor's digest has them, are appended;
  // all of them are whole but the tensor's last one. Returns when all of that is done.
  virtual Status make(std::size_t tensor, std::uint64_t first, std::uint64_t count, std::span<std::byte> out,
                      std::vector<Digest>* leaves) noexcept = 0;
  // The same to `out`, memory of the accelerator of exactly `bytes` bytes, aligned for an element. May return before it
  // is done; what the accelerator is asked for next comes after it.
  virtual Status make_there(std::size_t tensor, std::uint64_t first, std::uint64_t count, void* out,
                            std::uint64_t bytes) noexcept = 0;
};

class Accelerator {
 public:
  virtual ~Accelerator() = default;

  // Lives as long as this.
  virtual std::string_view name() const noexcept = 0;
  // `parts` must outlive what is returned, and so must this.
  virtual Result<std::unique_ptr<TensorMaker>> open(Parts& parts) noexcept = 0;
};

}  // namespace mcnc

#endif  // MCNC_ACCELERATOR_H_
