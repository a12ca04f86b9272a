// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Turns codes back into weights: the same bits on every platform.
#ifndef MCNC_DECODER_H_
#define MCNC_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "mcnc/base.h"
#include "mcnc/reader.h"
#include "mcnc/sink.h"
#include "mcnc/status.h"

namespace mcnc {

// Decodes the tensors of one open file. Generators and codes are expanded at first use, checked (segment digest,
// fingerprint) and kept. Not thread-safe; the floating-point environment of the calling thread is set for the time of
// a call and restored.
class Decoder {
 public:
  // `reader` must outlive the decoder. kMemory is the only error.
  static Result<Decoder> create(Reader& reader) noexcept;
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  // Supplies manifest().bases[base]. Tensors that start from a base that was not supplied, or from another one, are
  // refused with kBase. model must outlive the decoder. kArgument where there is no such base.
  Status set_base(std::size_t base, BaseModel& model) noexcept;

  // Elements [first, first + count) of manifest().tensors[tensor] into `out`, which holds exactly
  // count * size_of(dtype) bytes. The tensor digest is not checked: it covers whole tensors. kArgument where tensor,
  // range or out do not fit.
  Status decode_range(std::size_t tensor, std::uint64_t first, std::uint64_t count, std::span<std::byte> out) noexcept;

  // The whole tensor, in pieces of about 2^18 elements, digest checked at the end: on kTensorDigest the sink has
  // already seen the bytes and must drop them.
  Status decode(std::size_t tensor, Sink& sink) noexcept;

  // Every tensor in manifest order, without factors.
  Status decode_all(Sink& sink) noexcept;

  // Reads and checks everything the file holds, keeps nothing: segments, fingerprints, values, tensor digests.
  Status verify() noexcept;

 private:
  struct State;
  explicit Decoder(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace mcnc

#endif  // MCNC_DECODER_H_
