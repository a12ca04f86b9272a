// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What an accelerator does for a Decoder: it makes the tensors of one open file in its own memory.
#ifndef MCNC_DECODER_TENSOR_MAKER_H_
#define MCNC_DECODER_TENSOR_MAKER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mcnc/digest.h"
#include "mcnc/status.h"

namespace mcnc {

// Elements [first, first + count) of tensor number `tensor` of the manifest, which exist. A maker reads and checks what
// they are made of also where there are none of them.
struct TensorRange {
  std::size_t tensor;
  std::uint64_t first, count;
};

// One thread at a time. Errors are those of Decoder::decode_range, and kDevice.
class TensorMaker {
 public:
  virtual ~TensorMaker() = default;

  // Makes a range. Its bytes are copied to `out`, unless that is empty. leaves: nullptr, or the hashes of the leaves of
  // these bytes, of which only the tensor's last one may be shorter than the others, are appended to it. Returns when
  // all of that is done.
  virtual Status make(const TensorRange& range, std::span<std::byte> out, std::vector<Digest>* leaves) noexcept = 0;

  // Makes a range in `out`, memory of the device of exactly `bytes` bytes, aligned for an element. May return before it
  // is done: what the device is asked for next comes after it.
  virtual Status make_on_device(const TensorRange& range, void* out, std::uint64_t bytes) noexcept = 0;

  // Appends the hashes of the leaves of a whole tensor that is in memory of the device, aligned to 16 bytes. Returns
  // when they are there.
  virtual Status hash_on_device(const void* data, std::uint64_t bytes, std::vector<Digest>& leaves) noexcept = 0;
};

}  // namespace mcnc

#endif  // MCNC_DECODER_TENSOR_MAKER_H_
