// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Turns codes back into weights: the same bits on every platform.
#ifndef MCNC_DECODER_H_
#define MCNC_DECODER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "mcnc/base.h"
#include "mcnc/parallel.h"
#include "mcnc/reader.h"
#include "mcnc/sink.h"
#include "mcnc/status.h"

namespace mcnc {

struct DecoderOptions {
  // Threads of the library's own, the calling one included: 1 to 1024.
  unsigned threads = 1;
  // Instead of them, the caller's: must outlive the decoder. `threads` is ignored then.
  ParallelRunner* runner = nullptr;
  // Whether decode, decode_all and verify compare the digest of every tensor. Whoever turns it off has the segments'
  // digests and the generators' fingerprints still, not the proof that this decoder made the right weights of them.
  bool check_digests = true;
  // Instruction set, one of supported_targets(); "": the best, or what the environment variable MCNC_TARGET names.
  std::string_view target = {};
  // Looked at between pieces of work; true ends calls with kCancelled. Must outlive the decoder.
  const std::atomic<bool>* cancel = nullptr;
};

// Names of the instruction sets this processor can decode with, the best first; the last is "scalar".
std::vector<std::string_view> supported_targets();

// Decodes the tensors of one open file. Generators and codes are expanded at first use, checked (segment digest,
// fingerprint) and kept. Any number of threads and any target give the same bits. Not thread-safe; the floating-point
// environment is set on every thread that computes, for as long as it does, and restored.
class Decoder {
 public:
  // `reader` must outlive the decoder. kArgument for options that cannot be, kMemory.
  static Result<Decoder> create(Reader& reader, const DecoderOptions& options = {}) noexcept;
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  // Supplies manifest().bases[base]. Tensors that start from a base that was not supplied, or from another one, are
  // refused with kBase. model must outlive the decoder. kArgument where there is no such base.
  Status set_base(std::size_t base, BaseModel& model) noexcept;

  // Name of the instruction set in use.
  std::string_view target() const noexcept;

  // Elements [first, first + count) of manifest().tensors[tensor] into `out`, which holds exactly
  // count * size_of(dtype) bytes and is not part of the memory the file is read from. Costs what the range costs, so
  // that each device of several decodes its own rows; the first of several ranges of a tensor also reads what the
  // tensor is made of, stored or base weights and factors as a whole, which is kept until another tensor is decoded.
  // The tensor digest is not checked: it covers whole tensors.
  // kArgument where tensor, range or out do not fit; on any error `out` may be partly written.
  Status decode_range(std::size_t tensor, std::uint64_t first, std::uint64_t count, std::span<std::byte> out) noexcept;

  // The whole tensor into `out`, which holds exactly tensor.bytes() bytes, digest checked at the end; else as
  // decode_range.
  Status decode(std::size_t tensor, std::span<std::byte> out) noexcept;

  // The whole tensor, in pieces, digest checked at the end: on kTensorDigest the sink has already seen the bytes and
  // must drop them.
  Status decode(std::size_t tensor, Sink& sink) noexcept;

  // Every tensor in manifest order, without factors.
  Status decode_all(Sink& sink) noexcept;

  // Reads and checks everything the file holds, keeps nothing: segments, fingerprints, values and, unless they are
  // turned off, tensor digests.
  Status verify() noexcept;

 private:
  struct State;
  explicit Decoder(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace mcnc

#endif  // MCNC_DECODER_H_
